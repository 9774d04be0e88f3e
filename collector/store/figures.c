#include "collector/store/figures.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/departures.h"
#include "collector/store/night.h"
#include "common/auto.h"

#define QUARTERS 96
/* Releases older than this are not counted any more: what became of them is settled. */
#define RECENT_S (60 * 86400)
#define FIGURES_MOST 65536

/* ---- Counting ---- */

struct figure {
	const char *kind; /* a constant */
	char *name;
	int64_t figure;
};

struct gathering {
	struct database *database;
	int64_t night, now_s;
	struct figure *figures; /* what was counted so far */
	size_t count, room;
	int64_t terminals, silent, reached; /* sums on the way */
	int64_t expected[QUARTERS];
};

static int put(struct gathering *gathering, const char *kind, const char *name, int64_t figure, struct error *err)
{
	size_t room = gathering->room ? gathering->room * 2 : 256;
	struct figure *figures = gathering->figures;

	if (gathering->count == FIGURES_MOST)
		return error_set(err, ERROR_REFUSED, "more than %d figures of a night", FIGURES_MOST);
	if (gathering->count == gathering->room) {
		if (!(figures = reallocarray(figures, room, sizeof(*figures))))
			return error_set(err, ERROR_FAILED, "no memory for figures");
		gathering->figures = figures;
		gathering->room = room;
	}
	figures[gathering->count] = (struct figure){kind, strdup(name), figure};
	return figures[gathering->count++].name ? 0 : error_set(err, ERROR_FAILED, "no memory for figures");
}

static void gathering_clear(struct gathering *gathering)
{
	for (size_t i = 0; i < gathering->count; i++)
		free(gathering->figures[i].name);
	free(gathering->figures);
}
DEFINE_AUTO(gathering, struct gathering, gathering_clear);

/* The name of a row: its first COLUMNS columns with blanks between them. */
static void name_row(struct query *query, int columns, char *ret_name, size_t size)
{
	size_t len = 0;

	ret_name[0] = '\0';
	for (int i = 0; i < columns && len < size; i++)
		len += (size_t)snprintf(ret_name + len, size - len, "%s%s", i ? " " : "", row_text(query, i));
}

/* Puts what a statement counts: names, and the figure behind them. Adds up to *RET_SUM. */
static int count(struct gathering *gathering, struct query *query, const char *kind, int columns, int64_t *ret_sum,
	struct error *err)
{
	char name[FIGURE_NAME_SIZE];
	int found;

	while ((found = query_next(query, err)) > 0) {
		name_row(query, columns, name, sizeof(name));
		*ret_sum += row_number(query, columns);
		if (put(gathering, kind, name, row_number(query, columns), err) < 0)
			return -1;
	}
	return found;
}

static bool is_departed(const char *verdict)
{
	static const char *const names[] = {
#define DEPARTURE_NAME(name, words, meaning, next) (name),
		EACH_DEPARTURE(DEPARTURE_NAME)
#undef DEPARTURE_NAME
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], verdict) == 0)
			return true;
	return false;
}

static int count_simple(struct gathering *gathering, enum statement statement, const char *kind, int columns,
	int64_t *ret_sum, struct error *err)
{
	AUTO(query) struct query *query = query_new(gathering->database, statement, err);

	return count(gathering, query, kind, columns, ret_sum, err);
}

static int count_since(struct gathering *gathering, enum statement statement, const char *kind, int columns,
	int64_t since_s, int64_t *ret_sum, struct error *err)
{
	AUTO(query) struct query *query = query_new(gathering->database, statement, err);

	query_number(query, since_s);
	return count(gathering, query, kind, columns, ret_sum, err);
}

/* The fleet is those that are to be reached. */
static int count_verdicts(struct gathering *gathering, struct error *err)
{
	int64_t ignored = 0;

	if (count_simple(gathering, STATEMENT_COUNT_VERDICTS, "verdict", 1, &ignored, err) < 0)
		return -1;
	for (size_t i = 0; i < gathering->count; i++)
		if (!is_departed(gathering->figures[i].name))
			gathering->terminals += gathering->figures[i].figure;
	return 0;
}

/* Terminals spread evenly over their windows: so many should come in each quarter of an hour. */
static void spread(struct gathering *gathering, int64_t first, int64_t quarters, int64_t terminals)
{
	if (first < 0 || quarters <= 0)
		return;
	for (int64_t i = 0; i < quarters && first + i < QUARTERS; i++)
		gathering->expected[first + i] += terminals * (i + 1) / quarters - terminals * i / quarters;
}

static int count_expected(struct gathering *gathering, struct error *err)
{
	AUTO(query) struct query *query = query_new(gathering->database, STATEMENT_COUNT_WINDOWS, err);
	char name[24];
	int found;

	while ((found = query_next(query, err)) > 0)
		spread(gathering, row_number(query, 0), row_number(query, 1), row_number(query, 2));
	if (found < 0)
		return -1;
	for (int i = 0; i < QUARTERS; i++) {
		(void)snprintf(name, sizeof(name), "%02d", i);
		if (gathering->expected[i] > 0 && put(gathering, "expected", name, gathering->expected[i], err) < 0)
			return -1;
	}
	return 0;
}

static int count_fleet(struct gathering *gathering, struct error *err)
{
	int64_t twins;

	if (database_number(gathering->database, STATEMENT_COUNT_TWINS, 0, &twins, err) < 0)
		return -1;
	if (put(gathering, "fleet", "terminals", gathering->terminals, err) < 0 ||
		put(gathering, "fleet", "silent", gathering->silent, err) < 0 ||
		put(gathering, "fleet", "reached", gathering->reached, err) < 0 ||
		put(gathering, "fleet", "twins", twins, err) < 0 ||
		put(gathering, "fleet", "as-of", gathering->now_s, err) < 0)
		return -1;
	return 0;
}

static int gather(struct gathering *gathering, struct error *err)
{
	int64_t begin_s = night_begin_s(gathering->night), ignored = 0;

	if (count_verdicts(gathering, err) < 0 ||
		count_simple(gathering, STATEMENT_COUNT_CAUSES, "silent", 1, &gathering->silent, err) < 0 ||
		count_since(gathering, STATEMENT_COUNT_CONTACTS, "contact", 1, begin_s, &gathering->reached, err) <
			0 ||
		count_expected(gathering, err) < 0 ||
		count_simple(gathering, STATEMENT_COUNT_INSTALLED, "installed", 3, &ignored, err) < 0 ||
		count_since(gathering, STATEMENT_COUNT_DELIVERIES, "delivery", 3, gathering->now_s - RECENT_S,
			&ignored, err) < 0 ||
		count_since(gathering, STATEMENT_COUNT_DAYS, "days", 3, gathering->now_s - RECENT_S, &ignored, err) <
			0 ||
		count_simple(gathering, STATEMENT_COUNT_SILENT_RELEASES, "release-silent", 2, &ignored, err) < 0 ||
		count_simple(gathering, STATEMENT_COUNT_CAMPAIGNS, "campaign", 2, &ignored, err) < 0 ||
		count_simple(gathering, STATEMENT_CAMPAIGNS_BEGAN, "campaign-began", 1, &ignored, err) < 0 ||
		count_simple(gathering, STATEMENT_CAMPAIGNS_NEWEST, "campaign-newest", 1, &ignored, err) < 0)
		return -1;
	return count_fleet(gathering, err);
}

static int write_figure(struct gathering *gathering, const struct figure *figure, struct error *err)
{
	AUTO(query) struct query *query = query_new(gathering->database, STATEMENT_FIGURE_PUT, err);

	query_number(query, gathering->night);
	query_text(query, figure->kind);
	query_text(query, figure->name);
	query_number(query, figure->figure);
	return query_run_soon(query, err);
}

/* Others who do the same wait at the row of the lease. */
static int replace(struct gathering *gathering, struct error *err)
{
	AUTO(query) struct query *lease = query_new(gathering->database, STATEMENT_LEASE_TAKE, err);
	AUTO(query) struct query *clear = query_new(gathering->database, STATEMENT_FIGURE_CLEAR, err);

	query_text(lease, "figures");
	query_text(lease, "");
	query_number(lease, 0);
	query_number(lease, 0);
	query_number(clear, gathering->night);
	if (query_run(lease, err) < 0 || query_run(clear, err) < 0)
		return -1;
	for (size_t i = 0; i < gathering->count; i++)
		if (write_figure(gathering, &gathering->figures[i], err) < 0)
			return -1;
	return 0;
}

/* Counting a large fleet takes seconds, in which nobody who reports may have to wait: only the figures are written in
 * a transaction that keeps others from writing. */
int figures_gather(struct database *database, int64_t now_s, struct error *err)
{
	AUTO(gathering)
	struct gathering gathering = {.database = database, .night = night_of(now_s), .now_s = now_s};
	int result;

	if (database_begin_reading(database, err) < 0)
		return -1;
	result = gather(&gathering, err);
	database_undo(database);
	if (result < 0)
		return error_context(err, "figures of the fleet");
	if (database_begin(database, err) < 0)
		return -1;
	if (replace(&gathering, err) < 0) {
		database_undo(database);
		return error_context(err, "figures of the fleet");
	}
	return database_commit(database, err);
}

/* ---- Reading ---- */

int figures_each(struct database *database, int64_t night, figures_take *each, void *context, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_FIGURES, err);
	int found;

	query_number(query, night);
	while ((found = query_next(query, err)) > 0)
		if (each(context, row_text(query, 0), row_text(query, 1), row_number(query, 2), err) < 0)
			return -1;
	return found;
}

int figures_newest(struct database *database, int64_t now_s, int64_t *ret_night, struct error *err)
{
	return database_number(database, STATEMENT_FIGURE_NEWEST, night_of(now_s), ret_night, err);
}

int figures_each_night(struct database *database, int64_t first, int64_t last,
	int (*each)(void *context, int64_t night, const char *name, int64_t figure, struct error *err), void *context,
	struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_FIGURE_NIGHTS, err);
	int found;

	query_number(query, first);
	query_number(query, last);
	while ((found = query_next(query, err)) > 0)
		if (each(context, row_number(query, 0), row_text(query, 1), row_number(query, 2), err) < 0)
			return -1;
	return found;
}
