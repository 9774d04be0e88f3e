#include "collector/store/fleet_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Terminals ---- */

typedef int take_terminal(void *context, const struct terminal_row *row, struct error *err);

static int each_terminal_row(struct query *query, take_terminal *each, void *context, struct error *err)
{
	struct terminal_row row;
	int found;

	while ((found = query_next(query, err)) > 0) {
		terminal_row_read(query, &row);
		if (each(context, &row, err) < 0)
			return -1;
	}
	return found;
}

static bool is(const char *text)
{
	return text && *text;
}

bool fleet_filter_narrows(const struct fleet_filter *filter)
{
	return is(filter->verdict) || is(filter->cause) || is(filter->institution) || is(filter->ring) ||
	       is(filter->package) || is(filter->version) || is(filter->state) || filter->is_silent ||
	       filter->is_twin || (is(filter->name) && is(filter->key));
}

/* What narrows most leads, by an index of its own. */
static enum statement leading(const struct fleet_filter *filter)
{
	if (is(filter->institution))
		return STATEMENT_TERMINALS_OF_INSTITUTION;
	if (filter->is_twin)
		return STATEMENT_TERMINALS_TWINS;
	if (is(filter->cause))
		return STATEMENT_TERMINALS_OF_CAUSE;
	if (filter->is_silent)
		return STATEMENT_TERMINALS_SILENT;
	if (is(filter->ring))
		return STATEMENT_TERMINALS_OF_RING;
	return is(filter->verdict) ? STATEMENT_TERMINALS_OF_VERDICT : STATEMENT_TERMINALS;
}

/* A verdict that fewer have is looked through terminal by terminal. */
#define FEW 10000

static int count_few(struct database *database, const char *verdict, int64_t *ret_count, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_COUNT_OF_VERDICT, err);
	int row;

	query_text(query, verdict);
	query_number(query, FEW);
	if ((row = query_next(query, err)) < 0)
		return -1;
	*ret_count = row ? row_number(query, 0) : 0;
	return 0;
}

/* The same among those that have a release: it leads itself where nothing else leaves few. */
static int leading_of_release(struct database *database, const struct fleet_filter *filter,
	enum statement *ret_statement, struct error *err)
{
	int64_t count;

	if (filter->is_twin || filter->is_silent || is(filter->cause) || is(filter->ring)) {
		*ret_statement = filter->is_twin			   ? STATEMENT_TERMINALS_TWINS_OF_RELEASE
				 : filter->is_silent || is(filter->cause) ? STATEMENT_TERMINALS_SILENT_OF_RELEASE
									   : STATEMENT_TERMINALS_OF_RING_AND_RELEASE;
		return 0;
	}
	*ret_statement = STATEMENT_TERMINALS_OF_RELEASE;
	if (!is(filter->verdict))
		return 0;
	if (count_few(database, filter->verdict, &count, err) < 0)
		return -1;
	if (count < FEW)
		*ret_statement = STATEMENT_TERMINALS_OF_VERDICT_AND_RELEASE;
	return 0;
}

static int each_by_name(struct database *database, const char *name, int64_t after, const char *after_name,
	int64_t most, take_terminal *each, void *context, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TERMINALS_BY_NAME, err);
	char beyond[sizeof(((struct terminal_row *)NULL)->name) + 8];

	if (strlen(name) >= sizeof(((struct terminal_row *)NULL)->name)) /* nobody's is so long */
		return 0;
	/* All that begins with NAME lies before NAME with the last character there is behind it. */
	(void)snprintf(beyond, sizeof(beyond), "%s\xf4\x8f\xbf\xbf", name);
	query_number(query, is(after_name) ? after : -1);
	query_number(query, most);
	query_text(query, is(after_name) ? after_name : name);
	query_text(query, beyond);
	return each_terminal_row(query, each, context, err);
}

/* Ids are the first bits of keys, so the beginning of a key is a range of ids. */
struct keyed {
	const char *key;
	take_terminal *each;
	void *context;
};

static int take_keyed(void *context, const struct terminal_row *row, struct error *err)
{
	struct keyed *keyed = context;

	if (strncmp(row->key, keyed->key, strlen(keyed->key)) != 0)
		return 0;
	return keyed->each(keyed->context, row, err);
}

static int each_by_key(struct database *database, const char *key, int64_t after, int64_t most, take_terminal *each,
	void *context, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_TERMINALS_OF_KEY, err);
	struct keyed keyed = {key, each, context};
	char first[SHA256_HEX_SIZE], last[SHA256_HEX_SIZE];
	size_t len = strlen(key);
	int64_t from;

	memset(first, '0', sizeof(first) - 1);
	memset(last, 'f', sizeof(last) - 1);
	memcpy(first, key, len < 64 ? len : 64);
	memcpy(last, key, len < 64 ? len : 64);
	from = terminal_id_of(first);
	query_number(query, after >= from ? after + 1 : from);
	query_number(query, terminal_id_of(last));
	query_number(query, most);
	return each_terminal_row(query, take_keyed, &keyed, err);
}

int fleet_each_terminal(struct database *database, const struct fleet_filter *filter, int64_t after,
	const char *after_name, int64_t most, take_terminal *each, void *context, struct error *err)
{
	enum statement statement = leading(filter);

	if (is(filter->package) && leading_of_release(database, filter, &statement, err) < 0)
		return -1;
	if (is(filter->name))
		return each_by_name(database, filter->name, after, after_name, most, each, context, err);
	if (is(filter->key))
		return each_by_key(database, filter->key, after, most, each, context, err);

	AUTO(query) struct query *query = query_new(database, statement, err);

	query_number(query, after);
	query_number(query, most);
	query_text(query, filter->verdict);
	query_text(query, filter->cause);
	query_text(query, filter->institution);
	query_text(query, filter->ring);
	query_number(query, filter->is_silent);
	query_number(query, filter->is_twin);
	if (is(filter->package)) {
		query_text(query, filter->package);
		query_text(query, filter->version);
		query_text(query, filter->state);
	}
	return each_terminal_row(query, each, context, err);
}

/* ---- Deliveries ---- */

static int each_delivery(struct query *query, fleet_take_delivery *each, void *context, struct error *err)
{
	struct fleet_delivery delivery;
	int found;

	while ((found = query_next(query, err)) > 0) {
		delivery = (struct fleet_delivery){
			.terminal = row_number(query, 0),
			.package = row_text(query, 1),
			.version = row_text(query, 2),
			.digest = row_text(query, 3),
			.state = row_text(query, 4),
			.campaign = row_number(query, 5),
			.planned_s = row_number(query, 6),
			.changed_s = row_number(query, 7),
			.attempts = row_number(query, 8),
			.error = row_text(query, 9),
			.detail = row_text(query, 10),
			.report = row_number(query, 11),
			.key = row_text(query, 12),
			.name = row_text(query, 13),
			.institution = row_text(query, 14),
		};
		if (each(context, &delivery, err) < 0)
			return -1;
	}
	return found;
}

int fleet_each_delivery_of_release(struct database *database, const char *package, const char *version,
	const char *state, const struct fleet_place *after, int64_t most, fleet_take_delivery *each, void *context,
	struct error *err)
{
	AUTO(query)
	struct query *query =
		query_new(database, is(state) ? STATEMENT_DELIVERIES_IN_STATE : STATEMENT_DELIVERIES_OF_RELEASE, err);

	query_number(query, after->terminal);
	query_number(query, most);
	query_text(query, package);
	query_text(query, version);
	query_number(query, after->planned_s);
	if (is(state))
		query_text(query, state);
	return each_delivery(query, each, context, err);
}

int fleet_each_delivery_of_campaign(struct database *database, const struct fleet_campaign *campaign,
	const struct fleet_place *after, int64_t most, fleet_take_delivery *each, void *context, struct error *err)
{
	AUTO(query)
	struct query *query = query_new(
		database, campaign->state ? STATEMENT_DELIVERIES_OF_CAMPAIGN : STATEMENT_DELIVERIES_LEFT, err);

	query_number(query, after->terminal);
	query_number(query, most);
	query_number(query, campaign->number);
	query_number(query, after->planned_s);
	query_text(query, campaign->packages);
	if (campaign->state)
		query_text(query, campaign->state);
	return each_delivery(query, each, context, err);
}

int fleet_each_delivery_of_terminal(struct database *database, int64_t terminal, int64_t most,
	fleet_take_delivery *each, void *context, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_DELIVERIES_OF_TERMINAL, err);

	query_number(query, terminal);
	query_number(query, most);
	return each_delivery(query, each, context, err);
}
