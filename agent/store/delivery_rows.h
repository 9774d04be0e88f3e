/* Deliveries as rows of the store. delivery.c alone changes them: it knows which change is allowed. */
#ifndef AGENT_STORE_DELIVERY_ROWS_H
#define AGENT_STORE_DELIVERY_ROWS_H

#include "agent/store/delivery.h"
#include "agent/store/statements.h"

/* Gives it its id. */
WARN_UNUSED int delivery_row_add(struct store *store, struct delivery *delivery, struct error *err);
/* ERROR_BUSY where the row is no longer in the state FROM: another process was faster. */
WARN_UNUSED int delivery_row_change(
	struct store *store, const struct delivery *delivery, enum delivery_state from, struct error *err);
/* The one row that STATEMENT gives for its texts; *RET_FOUND tells if there is one. */
WARN_UNUSED int delivery_row_find(struct store *store, enum statement statement, const char *const *texts, int count,
	struct delivery *ret_delivery, bool *ret_found, struct error *err);

#endif
