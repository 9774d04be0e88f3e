/* Which reports wait to be logged, and where in the ledger the others are. All writing is done within a
 * transaction. */
#ifndef COLLECTOR_STORE_LOGGED_ROW_H
#define COLLECTOR_STORE_LOGGED_ROW_H

#include "collector/store/database.h"
#include "common/digest.h"

struct unlogged_row {
	struct sha256 digest; /* of the report */
	const char *terminal; /* borrowed for the call, as is head */
	int64_t number, rows;
	const char *head;
};
WARN_UNUSED int unlogged_row_add(
	struct database *database, const struct unlogged_row *row, int64_t now_s, struct error *err);
/* Hands over those that wait longest, at most MOST. */
WARN_UNUSED int unlogged_row_each(struct database *database, int64_t most,
	int (*each)(void *context, const struct unlogged_row *row, struct error *err), void *context,
	struct error *err);

/* The report is logged at POSITION, and waits no more. */
WARN_UNUSED int logged_row_add(
	struct database *database, uint64_t position, const struct sha256 *digest, struct error *err);
WARN_UNUSED int logged_row_find(struct database *database, const struct sha256 *digest, uint64_t *ret_position,
	bool *ret_found, struct error *err);
/* The position behind the last one. */
WARN_UNUSED int logged_row_count(struct database *database, uint64_t *ret_count, struct error *err);

#endif
