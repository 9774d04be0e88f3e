#include "agent/store/delivery_rows.h"

#include <string.h>

#include "agent/store/store_query.h"

static const char *const state_names[] = {
#define DELIVERY_NAME(enumerator, name, words) (name),
	EACH_DELIVERY_STATE(DELIVERY_NAME)
#undef DELIVERY_NAME
};

const char *delivery_state_name(enum delivery_state state)
{
	return (size_t)state < ARRAY_SIZE(state_names) ? state_names[state] : "unknown";
}

static enum delivery_state parse_state(const char *name)
{
	int state = DELIVERY_PLANNED;

	while (state < DELIVERY_FAILED && strcmp(name, delivery_state_name((enum delivery_state)state)) != 0)
		state++;
	return (enum delivery_state)state;
}

static void read_row(struct query *query, struct delivery *row)
{
	char name[32];

	row->id = query_number(query, 0);
	query_text(query, 1, row->package, sizeof(row->package));
	query_text(query, 2, row->version, sizeof(row->version));
	query_text(query, 3, row->digest, sizeof(row->digest));
	query_text(query, 4, row->folder, sizeof(row->folder));
	query_text(query, 5, name, sizeof(name));
	row->state = parse_state(name);
	row->campaign = query_number(query, 6);
	row->planned_s = query_number(query, 7);
	row->changed_s = query_number(query, 8);
	row->attempts = query_number(query, 9);
	row->wire_bytes = query_number(query, 10);
	row->payload_bytes = query_number(query, 11);
	query_text(query, 12, name, sizeof(name));
	row->error = error_code_of_name(name);
	query_text(query, 13, row->detail, sizeof(row->detail));
}

DEFINE_FIND_ROW(struct delivery, read_row);
DEFINE_EACH_ROW(struct delivery, read_row);

static void bind_row(struct query *query, const struct delivery *row)
{
	query_bind_number(query, 1, row->id);
	query_bind_text(query, 2, row->package);
	query_bind_text(query, 3, row->version);
	query_bind_text(query, 4, row->digest);
	query_bind_text(query, 5, row->folder);
	query_bind_text(query, 6, delivery_state_name(row->state));
	query_bind_number(query, 7, row->campaign);
	query_bind_number(query, 8, row->planned_s);
	query_bind_number(query, 9, row->changed_s);
	query_bind_number(query, 10, row->attempts);
	query_bind_number(query, 11, row->wire_bytes);
	query_bind_number(query, 12, row->payload_bytes);
	query_bind_text(query, 13, error_code_name(row->error));
	query_bind_text(query, 14, row->detail);
}

int delivery_row_add(struct store *store, struct delivery *delivery, struct error *err)
{
	AUTO(query) struct query *newest = store_query(store, STATEMENT_DELIVERY_NEWEST_ID, err);
	AUTO(query) struct query *add = NULL;
	bool row;

	if (query_step(newest, &row, err) < 0)
		return -1;
	delivery->id = query_number(newest, 0) + 1;
	add = store_query(store, STATEMENT_DELIVERY_ADD, err);
	bind_row(add, delivery);
	return query_run(add, err);
}

int delivery_row_change(
	struct store *store, const struct delivery *delivery, enum delivery_state from, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_DELIVERY_CHANGE, err);

	bind_row(query, delivery);
	query_bind_text(query, 15, delivery_state_name(from));
	if (query_run(query, err) < 0)
		return -1;
	if (database_changes(store->database) != 1)
		return error_set(err, ERROR_BUSY, "delivery of %s %s is no longer %s: another process changed it",
			delivery->package, delivery->version, delivery_state_name(from));
	return 0;
}

int delivery_row_find(struct store *store, enum statement statement, const char *const *texts, int count,
	struct delivery *ret_delivery, bool *ret_found, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, statement, err);

	for (int i = 0; i < count; i++)
		query_bind_text(query, i + 1, texts[i]);
	return find_row(query, ret_delivery, ret_found, err);
}

int delivery_each_since(struct store *store, int64_t since_s,
	int (*each)(void *context, const struct delivery *delivery, struct error *err), void *context,
	struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_DELIVERY_SINCE, err);

	query_bind_number(query, 1, since_s);
	return each_row(query, each, context, err);
}
