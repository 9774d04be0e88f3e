#include "agent/store/history.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "agent/store/history_operations.h"
#include "agent/store/store.h"
#include "agent/store/store_query.h"
#include "common/text.h"

#define NO_LIMIT (-1)

/* Behind the one row that STATEMENT gives; before the first row where it gives none. */
static int find_end(struct store *store, enum statement statement, struct history_chain *ret_chain, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, statement, err);
	int more = query_next(query, err);

	*ret_chain = (struct history_chain)HISTORY_CHAIN_BEGIN;
	if (more <= 0)
		return more;
	ret_chain->number = query_number(query, 0);
	query_text(query, 1, ret_chain->digest, sizeof(ret_chain->digest));
	return 0;
}

int history_head(struct store *store, struct history_chain *ret_head, struct error *err)
{
	return find_end(store, STATEMENT_HISTORY_LAST, ret_head, err);
}

/* ---- Adding ---- */

static void fill(struct store *store, const struct history_entry *entry, struct history_row *row)
{
	record_text(entry->operation, row->operation, sizeof(row->operation));
	record_text(entry->package, row->package, sizeof(row->package));
	record_text(entry->version, row->version, sizeof(row->version));
	record_text(entry->digest, row->digest, sizeof(row->digest));
	record_text(entry->outcome, row->outcome, sizeof(row->outcome));
	record_text(error_code_name(entry->error), row->error, sizeof(row->error));
	record_text(entry->detail, row->detail, sizeof(row->detail));
	row->at_s = entry->when ? entry->when->at_s : store_now_s(store);
	if (entry->when)
		record_text(entry->when->boot_id, row->boot_id, sizeof(row->boot_id));
	else if (store->clock->boot_id(store->clock, row->boot_id, NULL) < 0)
		row->boot_id[0] = '\0'; /* a row without it is better than none */
}

static int insert(struct store *store, const struct history_row *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_HISTORY_ADD, err);
	const char *const texts[] = {row->boot_id, row->operation, row->package, row->version, row->digest,
		row->outcome, row->error, row->detail, row->previous, row->row_digest};

	query_bind_number(query, 1, row->number);
	query_bind_number(query, 2, row->at_s);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		query_bind_text(query, (int)i + 3, texts[i]);
	return query_run(query, err);
}

static int add(struct store *store, const struct history_entry *entry, struct error *err)
{
	struct history_row row = {0};
	struct history_chain head;

	if (history_head(store, &head, err) < 0)
		return -1;
	fill(store, entry, &row);
	row.number = head.number + 1;
	text_cut(head.digest, row.previous, sizeof(row.previous));
	if (history_row_digest(&row, row.row_digest, err) < 0)
		return -1;
	return insert(store, &row, err);
}

static bool is_listed(const char *operation)
{
	static const char *const operations[] = {
#define OPERATION_NAME(name, tells_why, word) name,
		EACH_HISTORY_OPERATION(OPERATION_NAME)
#undef OPERATION_NAME
	};

	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		if (strcmp(operations[i], operation) == 0)
			return true;
	return false;
}

int history_add(struct store *store, const struct history_entry *entry, struct error *err)
{
	assert(!entry->operation || is_listed(entry->operation)); /* none at all is refused by the schema */
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, add(store, entry, err), err) < 0 ? error_context(err, "history") : 0;
}

/* ---- Reading ---- */

static void read_row(struct query *query, struct history_row *row)
{
	row->number = query_number(query, 0);
	row->at_s = query_number(query, 1);
	query_text(query, 2, row->boot_id, sizeof(row->boot_id));
	query_text(query, 3, row->operation, sizeof(row->operation));
	query_text(query, 4, row->package, sizeof(row->package));
	query_text(query, 5, row->version, sizeof(row->version));
	query_text(query, 6, row->digest, sizeof(row->digest));
	query_text(query, 7, row->outcome, sizeof(row->outcome));
	query_text(query, 8, row->error, sizeof(row->error));
	query_text(query, 9, row->detail, sizeof(row->detail));
	query_text(query, 10, row->previous, sizeof(row->previous));
	query_text(query, 11, row->row_digest, sizeof(row->row_digest));
}

DEFINE_FIND_ROW(struct history_row, read_row);
DEFINE_EACH_ROW(struct history_row, read_row);

static void bind_filter(struct query *query, const struct history_filter *filter, int64_t sixth)
{
	query_bind_text(query, 1, filter->package);
	query_bind_text(query, 2, filter->operation);
	query_bind_text(query, 3, filter->outcome);
	query_bind_number(query, 4, filter->since_s);
	query_bind_number(query, 5, filter->until_s);
	query_bind_number(query, 6, sixth);
}

/* The number of the first row among the newest that are wanted; so that the rows themselves need no sorting in
 * memory. */
static int find_first(
	struct store *store, const struct history_filter *filter, int64_t *ret_number, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_HISTORY_NEWEST_FROM, err);
	bool row;

	bind_filter(query, filter, filter->newest ? filter->newest : NO_LIMIT);
	if (query_step(query, &row, err) < 0)
		return -1;
	*ret_number = row ? query_number(query, 0) : 0;
	return 0;
}

int history_each(struct store *store, const struct history_filter *filter, history_row_function *each, void *context,
	struct error *err)
{
	AUTO(query) struct query *query = NULL;
	int64_t first = 0;

	if (filter->newest && find_first(store, filter, &first, err) < 0)
		return -1;
	query = store_query(store, STATEMENT_HISTORY_LIST, err);
	bind_filter(query, filter, first > filter->after ? first : filter->after + 1);
	query_bind_number(query, 7, filter->before ? filter->before : INT64_MAX);
	return each_row(query, each, context, err);
}

int history_newest(struct store *store, const char *operation, const char *package, struct history_row *ret_row,
	bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_HISTORY_NEWEST_OF, err);

	query_bind_text(query, 1, operation);
	query_bind_text(query, 2, package);
	return find_row(query, ret_row, ret_found, err);
}

int history_find(struct store *store, int64_t number, struct history_row *ret_row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_HISTORY_FIND, err);
	bool found;

	query_bind_number(query, 1, number);
	if (find_row(query, ret_row, &found, err) < 0)
		return -1;
	return found ? 0 : error_set(err, ERROR_NOT_FOUND, "no history row %" PRId64, number);
}

/* ---- Verifying ---- */

struct verifying {
	struct history_chain *chain;
	int64_t left;
};

static int verify_row(void *context, const struct history_row *row, struct error *err)
{
	struct verifying *verifying = context;

	if (verifying->left-- == 0)
		return EACH_ENOUGH;
	return history_chain_take(verifying->chain, row, err);
}

int history_verify_some(
	struct store *store, int64_t rows, struct history_chain *chain, bool *ret_end, struct error *err)
{
	struct history_filter rest = {.since_s = INT64_MIN, .after = chain->number};
	struct verifying verifying = {chain, rows};

	if (history_each(store, &rest, verify_row, &verifying, err) < 0)
		return -1;
	*ret_end = verifying.left >= 0;
	return 0;
}

int history_archived(struct store *store, struct history_chain *ret_chain, struct error *err)
{
	return find_end(store, STATEMENT_ARCHIVE_LAST, ret_chain, err);
}

int history_verify(struct store *store, int64_t *ret_rows, struct error *err)
{
	struct history_chain chain;
	bool is_end;

	/* The store's rows begin behind those that were archived. */
	if (history_archived(store, &chain, err) < 0 ||
		history_verify_some(store, INT64_MAX, &chain, &is_end, err) < 0)
		return -1;
	*ret_rows = chain.number;
	return 0;
}
