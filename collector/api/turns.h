/* Whose question is answered next. Who asks for much waits behind itself: of the questions that wait, each asker's first
 * ones come before anybody's second ones, and no asker has all places at once. Has no lock of its own. */
#ifndef COLLECTOR_API_TURNS_H
#define COLLECTOR_API_TURNS_H

#include "collector/http/exchange.h"
#include "common/error.h"

#define TURNS_PLACES 2
/* Questions that may wait at the same time: of one asker, and of all with the same role. */
#define TURNS_OF_ONE 32
#define TURNS_OF_ROLE 128

struct turns {
	struct exchange *first; /* in the order in which they are answered, but for those whose asker must wait */
	struct exchange *at_work[TURNS_PLACES];
	uint64_t round; /* of the last one taken */
};

/* Lets one wait. An asker is a certificate, all certificates of one vendor, or the address of somebody without one.
 * ERROR_BUSY: too many wait already, and this one does not. */
WARN_UNUSED int turns_add(struct turns *turns, struct exchange *exchange, struct error *err);

/* The next to be answered at PLACE, which turns_end() frees again; NULL: there is none that may be answered now. */
struct exchange *turns_take(struct turns *turns, size_t place);
void turns_end(struct turns *turns, size_t place);

#endif
