#include "agent/store/pause.h"

#include <stdlib.h>
#include <string.h>

#include "agent/store/history.h"
#include "agent/store/store.h"
#include "agent/store/store_query.h"

static void read_row(struct query *query, struct pause_row *row)
{
	query_text(query, 0, row->package, sizeof(row->package));
	row->since_s = query_number(query, 1);
	row->until_s = query_number(query, 2);
	query_text(query, 3, row->who, sizeof(row->who));
	query_text(query, 4, row->why, sizeof(row->why));
}

DEFINE_FIND_ROW(struct pause_row, read_row);
DEFINE_EACH_ROW(struct pause_row, read_row);

/* Of the whole terminal, staff say that delivery is disabled and enabled; of one package, that it is held and let go.
 */
static int record(struct store *store, const char *package, bool begins, const char *detail, struct error *err)
{
	struct history_entry entry = {
		.operation = begins ? (*package ? "hold" : "disable") : (*package ? "let-go" : "enable"),
		.package = package,
		.outcome = "done",
		.detail = detail,
	};

	return history_add(store, &entry, err);
}

static int put(struct store *store, const struct pause_row *row, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_PAUSE_PUT, err);
	char until[CLOCK_TEXT_SIZE], detail[2 * STORE_TEXT_SIZE];

	query_bind_text(query, 1, row->package);
	query_bind_number(query, 2, row->since_s);
	query_bind_number(query, 3, row->until_s);
	query_bind_text(query, 4, row->who);
	query_bind_text(query, 5, row->why);
	if (row->until_s)
		(void)snprintf(detail, sizeof(detail), "by %s, until %s: %s", row->who, clock_text(row->until_s, until), row->why);
	else
		(void)snprintf(detail, sizeof(detail), "by %s, until ended by hand: %s", row->who, row->why);
	return query_run(query, err) < 0 ? -1 : record(store, row->package, true, detail, err);
}

static bool is_same(const struct pause_row *one, const struct pause_row *other)
{
	if (strcmp(one->why, other->why) != 0 || !one->until_s != !other->until_s)
		return false;
	return llabs(one->until_s - other->until_s) < 60;
}

static int put_if_new(struct store *store, const struct pause_row *row, struct error *err)
{
	struct pause_row former;
	bool found;

	if (pause_find(store, row->package, row->since_s, &former, &found, err) < 0)
		return -1;
	return found && is_same(&former, row) ? 0 : put(store, row, err);
}

int pause_set(struct store *store, const char *package, int64_t until_s, const char *who, const char *why,
	struct error *err)
{
	struct pause_row row = {.since_s = store_now_s(store), .until_s = until_s};

	record_text(package, row.package, sizeof(row.package));
	record_text(who, row.who, sizeof(row.who));
	record_text(why, row.why, sizeof(row.why));
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, put_if_new(store, &row, err), err);
}

static int drop(struct store *store, const char *package, const char *who, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_PAUSE_DROP, err);
	char detail[STORE_TEXT_SIZE];

	query_bind_text(query, 1, package);
	if (who)
		(void)snprintf(detail, sizeof(detail), "by %s", who);
	else
		(void)snprintf(detail, sizeof(detail), "by itself: its time was over");
	if (query_run(query, err) < 0)
		return -1;
	return database_changes(store->database) ? record(store, package, false, detail, err) : 0;
}

int pause_end(struct store *store, const char *package, const char *who, struct error *err)
{
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, drop(store, package, who, err), err);
}

int pause_find(struct store *store, const char *package, int64_t now_s, struct pause_row *ret_row, bool *ret_found,
	struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_PAUSE_FIND, err);

	query_bind_text(query, 1, package);
	query_bind_number(query, 2, now_s);
	return find_row(query, ret_row, ret_found, err);
}

int pause_each(struct store *store, int (*each)(void *context, const struct pause_row *row, struct error *err),
	void *context, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_PAUSE_LIST, err);

	return each_row(query, each, context, err);
}
