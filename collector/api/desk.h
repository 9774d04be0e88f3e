/* Where questions wait for their answers: a few threads, each with a connection to the store of its own, so that a
 * long look at the fleet keeps no terminal from reporting. */
#ifndef COLLECTOR_API_DESK_H
#define COLLECTOR_API_DESK_H

#include "collector/http/exchange.h"
#include "collector/store/database.h"

struct desk;

/* Answers one exchange; it is handed back afterwards. AWAY: the store is not there, and why, and DATABASE is NULL; NULL: it is. */
typedef void desk_answer(
	void *context, struct database *database, const struct error *away, struct exchange *exchange);

WARN_UNUSED int desk_open(
	const char *store, desk_answer *answer, void *context, struct desk **ret_desk, struct error *err);
/* Answers what waits, then ends. */
void desk_close(struct desk *desk);
DEFINE_AUTO_PTR(desk, struct desk, desk_close);

/* Takes the exchange along; it waits for its turn. ERROR_BUSY where too many wait already (turns.h): the exchange is as it was. */
WARN_UNUSED int desk_hand_in(struct desk *desk, struct exchange *exchange, struct error *err);

#endif
