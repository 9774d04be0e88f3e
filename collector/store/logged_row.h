/* Which reports wait to be logged, where in the ledger the others are, and what proves since when. All writing is done within
 * a transaction. */
#ifndef COLLECTOR_STORE_LOGGED_ROW_H
#define COLLECTOR_STORE_LOGGED_ROW_H

#include "collector/store/database.h"
#include "common/buf.h"
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

/* ---- The cosigned checkpoints that were served once, the last of each minute ---- */

/* Keeps a checkpoint of SIZE entries that enough witnesses had cosigned by COSIGNED_S, in place of another of the same minute. */
WARN_UNUSED int cosigned_row_put(
	struct database *database, int64_t cosigned_s, uint64_t size, const char *note, struct error *err);

/* Of those that hold the entry at POSITION, the oldest but SKIP; appends it to RET_NOTE. *RET_FOUND: there are so many. */
WARN_UNUSED int cosigned_row_find(struct database *database, uint64_t position, int64_t skip, uint64_t *ret_size,
	struct buf *ret_note, bool *ret_found, struct error *err);

WARN_UNUSED int cosigned_rows_forget(struct database *database, int64_t before_s, struct error *err);

#endif
