#include "collector/oversight/silence.h"

#include <stdlib.h>

#define AT_ONCE 1000
/* A restart takes no longer; a terminal that meets it tries again within its window. */
#define MOMENT_S 300
#define DAY_S INT64_C(86400)
/* No report names a window that is farther away (collector/reports/telling.c), and none was excused for longer. */
#define FARTHEST_S (40 * DAY_S)

/* ---- When collectors were there ---- */

int attendance_note(struct database *database, const char *name, int64_t from_s, int64_t to_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_PRESENCE_PUT, err);

	query_text(query, name);
	query_number(query, from_s);
	query_number(query, to_s);
	return query_run(query, err);
}

/* Was there a collector, but for a moment, all the time? */
static int was_attended(struct database *database, int64_t from_s, int64_t to_s, bool *ret_covers, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_PRESENCE_BETWEEN, err);
	int64_t until_s = from_s;
	int found;

	query_number(query, from_s - MOMENT_S);
	query_number(query, to_s);
	while ((found = query_next(query, err)) > 0)
		if (row_number(query, 0) <= until_s + MOMENT_S && row_number(query, 1) > until_s)
			until_s = row_number(query, 1);
	if (found < 0)
		return -1;
	*ret_covers = until_s + MOMENT_S >= to_s;
	return 0;
}

/* ---- Terminals ---- */

struct due {
	int64_t id, opens_s, closes_s;
};

static int read_due(
	struct database *database, int64_t before_s, struct due *ret_due, size_t *ret_count, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TERMINALS_DUE, err);
	size_t count = 0;
	int found;

	query_number(query, before_s);
	query_number(query, AT_ONCE);
	while ((found = query_next(query, err)) > 0)
		ret_due[count++] = (struct due){row_number(query, 0), row_number(query, 1), row_number(query, 2)};
	*ret_count = count;
	return found;
}

/* Most windows are the same: what was found for the last one holds for the next. */
struct coverage {
	int64_t opens_s, closes_s;
	bool is_known, is_covered;
	int64_t days; /* where it is not: in so many there may be a window that is */
};

/* Nobody was there before the next stretch began: windows that opened by then need not be looked at one by one. */
static int find_next(struct database *database, const struct due *due, int64_t *ret_days, struct error *err)
{
	int64_t from_s, days;

	if (database_number(database, STATEMENT_PRESENCE_NEXT, due->opens_s + DAY_S - MOMENT_S, &from_s, err) < 0)
		return -1;
	days = (from_s - MOMENT_S - due->opens_s) / DAY_S;
	*ret_days = days > 1 ? days : 1;
	return 0;
}

static int cover(struct database *database, const struct due *due, struct coverage *coverage, struct error *err)
{
	if (coverage->is_known && coverage->opens_s == due->opens_s && coverage->closes_s == due->closes_s)
		return 0;
	coverage->opens_s = due->opens_s;
	coverage->closes_s = due->closes_s;
	coverage->is_known = true;
	return was_attended(database, due->opens_s, due->closes_s, &coverage->is_covered, err) < 0
		       ? -1
		       : find_next(database, due, &coverage->days, err);
}

static int judge_all(struct database *database, int64_t before_s, struct due *due, bool *ret_more, struct error *err)
{
	struct coverage coverage = {0};
	size_t count;

	if (read_due(database, before_s, due, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (cover(database, &due[i], &coverage, err) < 0)
			return -1;
		AUTO(query)
		struct query *query = query_new(
			database, coverage.is_covered ? STATEMENT_TERMINAL_SILENT : STATEMENT_TERMINAL_EXCUSED, err);

		query_number(query, due[i].id);
		query_number(query, due[i].closes_s);
		if (!coverage.is_covered)
			query_number(query, coverage.days * DAY_S);
		if (query_run_soon(query, err) < 0)
			return -1;
	}
	*ret_more = count > 0; /* those that were excused may be due again, days later */
	return 0;
}

int silence_judge(struct database *database, int64_t before_s, bool *ret_more, struct error *err)
{
	AUTO(free) struct due *due = calloc(AT_ONCE, sizeof(*due));

	if (!due)
		return error_set(err, ERROR_FAILED, "no memory to look for silent terminals");
	if (database_begin(database, err) < 0)
		return -1;
	if (judge_all(database, before_s, due, ret_more, err) < 0) {
		database_undo(database);
		return error_context(err, "silent terminals");
	}
	return database_commit(database, err);
}

int silence_bring_back(struct database *database, int64_t now_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TERMINALS_BRING_BACK, err);

	query_number(query, now_s);
	query_number(query, now_s + FARTHEST_S);
	return query_run(query, err);
}
