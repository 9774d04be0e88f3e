#include "collector/store/logged_row.h"

#include <string.h>

#define MINUTE_S 60

int unlogged_row_add(struct database *database, const struct unlogged_row *row, int64_t now_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_UNLOGGED_ADD, err);

	query_bytes(query, row->digest.bytes, sizeof(row->digest.bytes));
	query_number(query, now_s);
	query_text(query, row->terminal);
	query_number(query, row->number);
	query_number(query, row->rows);
	query_text(query, row->head);
	return query_run_soon(query, err);
}

int unlogged_row_each(struct database *database, int64_t most,
	int (*each)(void *context, const struct unlogged_row *row, struct error *err), void *context,
	struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_UNLOGGED_OLDEST, err);
	int found;

	query_number(query, most);
	while ((found = query_next(query, err)) > 0) {
		struct unlogged_row row = {
			.terminal = row_text(query, 1),
			.number = row_number(query, 2),
			.rows = row_number(query, 3),
			.head = row_text(query, 4),
		};
		size_t len;
		const void *bytes = row_bytes(query, 0, &len);

		if (len != sizeof(row.digest.bytes))
			return error_set(err, ERROR_DAMAGED, "the digest of a report has %zu bytes", len);
		memcpy(row.digest.bytes, bytes, len);
		if (each(context, &row, err) < 0)
			return -1;
	}
	return found;
}

int logged_row_add(struct database *database, uint64_t position, const struct sha256 *digest, struct error *err)
{
	AUTO(query) struct query *add = query_new(database, STATEMENT_LOGGED_ADD, err);
	AUTO(query) struct query *drop = query_new(database, STATEMENT_UNLOGGED_DROP, err);

	query_number(add, (int64_t)position);
	query_bytes(add, digest->bytes, sizeof(digest->bytes));
	query_bytes(drop, digest->bytes, sizeof(digest->bytes));
	return query_run_soon(add, err) < 0 ? -1 : query_run_soon(drop, err);
}

int logged_row_find(struct database *database, const struct sha256 *digest, uint64_t *ret_position, bool *ret_found,
	struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_LOGGED_FIND, err);
	int found;

	query_bytes(query, digest->bytes, sizeof(digest->bytes));
	if ((found = query_next(query, err)) < 0)
		return -1;
	*ret_found = found > 0;
	if (found)
		*ret_position = (uint64_t)row_number(query, 0);
	return 0;
}

int logged_row_count(struct database *database, uint64_t *ret_count, struct error *err)
{
	int64_t count = 0;

	if (database_number(database, STATEMENT_LOGGED_COUNT, -1, &count, err) < 0)
		return -1;
	*ret_count = (uint64_t)count;
	return 0;
}

/* ---- Cosigned checkpoints ---- */

int cosigned_row_put(
	struct database *database, int64_t cosigned_s, uint64_t size, const char *note, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_COSIGNED_PUT, err);

	query_number(query, cosigned_s / MINUTE_S);
	query_number(query, (int64_t)size);
	query_text(query, note);
	return query_run(query, err);
}

int cosigned_row_find(struct database *database, uint64_t position, int64_t skip, uint64_t *ret_size,
	struct buf *ret_note, bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_COSIGNED_FIND, err);
	const char *note;
	int found;

	query_number(query, (int64_t)position);
	query_number(query, skip);
	if ((found = query_next(query, err)) < 0)
		return -1;
	*ret_found = found > 0;
	if (!found)
		return 0;
	*ret_size = (uint64_t)row_number(query, 0);
	note = row_text(query, 1);
	return buf_append(ret_note, note, strlen(note), err);
}

int cosigned_rows_forget(struct database *database, int64_t before_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_COSIGNED_FORGET, err);

	query_number(query, before_s / MINUTE_S);
	return query_run(query, err);
}
