/* Delivery on the whole terminal disabled (F8), as the operator's signed policy lets it be: the policy may cap how
 * long. */
#ifndef AGENT_TURN_DISABLED_H
#define AGENT_TURN_DISABLED_H

#include "agent/base/terminal.h"
#include "agent/store/pause.h"
#include "manifests/catalog/catalog.h"

/* The pause that holds now; its end is the earlier of what was asked for and what the policy of CATALOG allows.
 * CATALOG NULL: the kept one, if there is one. */
WARN_UNUSED int disabled_find(struct terminal *terminal, const struct catalog *catalog, struct pause_row *ret_row,
	bool *ret_found, struct error *err);

/* When a pause of the terminal that begins at SINCE_S ends by the kept catalog's policy; 0: never, as in pause_row.
 */
int64_t disabled_capped_until_s(struct terminal *terminal, int64_t since_s, int64_t until_s);

/* ERROR_DISABLED, with who and why, where delivery is disabled. */
WARN_UNUSED int disabled_refuse(struct terminal *terminal, struct error *err);

/* Ends every pause, of the terminal or of one package, whose time is over; each is a row of the history. */
WARN_UNUSED int disabled_end_those_over(struct terminal *terminal, struct error *err);

#endif
