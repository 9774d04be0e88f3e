/* Keeps the list of revoked certificates as the store has it, in a thread of its own: whoever revoked one, at whichever
 * collector, the list of each says so a moment later. */
#ifndef COLLECTOR_ROSTER_REGISTRAR_H
#define COLLECTOR_ROSTER_REGISTRAR_H

#include "collector/roster/roster.h"
#include "common/clock.h"
#include "common/log.h"

struct registrar;

/* Writes the list once, then goes on in a thread. All is borrowed. */
WARN_UNUSED int registrar_open(const struct roster *roster, const struct clock *clock, const struct log *log,
	struct registrar **ret_registrar, struct error *err);
void registrar_close(struct registrar *registrar);
DEFINE_AUTO_PTR(registrar, struct registrar, registrar_close);

#endif
