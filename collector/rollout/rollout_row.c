#include "collector/rollout/rollout_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/store/terminal_row.h"

int64_t rollout_id_of(const char *package, const char *digest, int64_t attempt)
{
	char text[PACKAGE_NAME_SIZE + SHA256_HEX_SIZE + 32], hex[SHA256_HEX_SIZE];
	struct sha256 sum;
	int len = snprintf(text, sizeof(text), "%s %s %" PRId64, package, digest, attempt);

	sha256_of(text, (size_t)len, &sum);
	return terminal_id_of(sha256_hex(&sum, hex));
}

/* ---- Events ---- */

static int add_event(
	struct database *database, int64_t rollout, const struct rollout_event *event, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUT_EVENT_ADD, err);

	query_number(query, rollout);
	query_number(query, event->at_s);
	query_text(query, event->what);
	query_number(query, event->stage);
	query_text(query, event->by);
	query_text(query, event->why);
	return query_run(query, err);
}

int rollout_event_each(struct database *database, int64_t rollout,
	int (*each)(void *context, const struct rollout_event *event, struct error *err), void *context,
	struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUT_EVENTS, err);
	int found;

	query_number(query, rollout);
	while ((found = query_next(query, err)) > 0) {
		const struct rollout_event event = {
			.at_s = row_number(query, 0),
			.what = row_text(query, 1),
			.stage = row_number(query, 2),
			.by = row_text(query, 3),
			.why = row_text(query, 4),
		};

		if (each(context, &event, err) < 0)
			return -1;
	}
	return found;
}

/* ---- Reading ---- */

static void read_row(struct query *query, struct rollout_row *ret_row)
{
	*ret_row = (struct rollout_row){
		.id = row_number(query, 0),
		.attempt = row_number(query, 4),
		.began_s = row_number(query, 6),
		.stages_open = row_number(query, 7),
		.opened_night = row_number(query, 8),
		.stopped_s = row_number(query, 9),
		.judged_s = row_number(query, 13),
		.is_over = row_number(query, 15) != 0,
	};
	row_copy(query, 1, ret_row->package, sizeof(ret_row->package));
	row_copy(query, 2, ret_row->version, sizeof(ret_row->version));
	row_copy(query, 3, ret_row->digest, sizeof(ret_row->digest));
	row_copy(query, 5, ret_row->plan, sizeof(ret_row->plan));
	row_copy(query, 10, ret_row->stopped_by, sizeof(ret_row->stopped_by));
	row_copy(query, 11, ret_row->why, sizeof(ret_row->why));
	row_copy(query, 12, ret_row->verdict, sizeof(ret_row->verdict));
	row_copy(query, 14, ret_row->judgement, sizeof(ret_row->judgement));
}

int rollout_row_find(struct database *database, int64_t id, struct rollout_row *ret_row, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUT_FIND, err);
	int found;

	query_number(query, id);
	if ((found = query_next(query, err)) < 0)
		return -1;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND, "there is no such rollout");
	read_row(query, ret_row);
	return 0;
}

int rollout_row_find_version(struct database *database, const char *package, const char *version,
	struct rollout_row *ret_row, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUT_FIND_VERSION, err);
	int found;

	query_text(query, package);
	query_text(query, version);
	if ((found = query_next(query, err)) < 0)
		return -1;
	if (!found)
		return error_set(err, ERROR_NOT_FOUND,
			"no rollout of %s %s is known here; /api/v1/rollouts lists those that are", package, version);
	read_row(query, ret_row);
	return 0;
}

int rollout_row_each(struct database *database,
	int (*each)(void *context, const struct rollout_row *row, struct error *err), void *context,
	struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUTS, err);
	struct rollout_row row;
	int found;

	query_number(query, ROLLOUTS_MOST);
	while ((found = query_next(query, err)) > 0) {
		read_row(query, &row);
		if (each(context, &row, err) < 0)
			return -1;
	}
	return found;
}

/* ---- Writing ---- */

int rollout_row_add(struct database *database, const struct rollout_row *row, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUT_ADD, err);
	const struct rollout_event event = {
		.at_s = row->began_s, .what = "begun", .by = "", .why = "", .stage = row->stages_open};

	query_number(query, row->id);
	query_text(query, row->package);
	query_text(query, row->version);
	query_text(query, row->digest);
	query_number(query, row->attempt);
	query_text(query, row->plan);
	query_number(query, row->began_s);
	query_number(query, row->stages_open);
	query_number(query, row->opened_night);
	if (query_run(query, err) < 0)
		return -1;
	return database_changed(database) > 0 ? add_event(database, row->id, &event, err) : 0;
}

int rollout_row_plan(struct database *database, int64_t id, const char *plan, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUT_PLAN, err);

	query_number(query, id);
	query_text(query, plan);
	return query_run(query, err);
}

int rollout_row_end_others(struct database *database, const char *ids, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUT_END_OTHERS, err);

	query_text(query, ids);
	return query_run(query, err);
}

int rollout_row_judged(struct database *database, int64_t id, const char *verdict, const char *judgement,
	int64_t now_s, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUT_JUDGED, err);

	query_number(query, id);
	query_text(query, verdict);
	query_number(query, now_s);
	query_text(query, judgement);
	return query_run(query, err);
}

int rollout_row_open(struct database *database, int64_t id, int64_t stages, int64_t night, int64_t now_s,
	const char *why, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUT_OPEN, err);
	const struct rollout_event event = {.at_s = now_s, .what = "opened", .by = "", .why = why, .stage = stages};

	query_number(query, id);
	query_number(query, stages);
	query_number(query, night);
	return query_run(query, err) < 0 ? -1 : add_event(database, id, &event, err);
}

int rollout_row_stop(struct database *database, int64_t id, int64_t now_s, const char *by, const char *why,
	bool *ret_stopped, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, STATEMENT_ROLLOUT_STOP, err);
	const struct rollout_event event = {.at_s = now_s, .what = "stopped", .by = by, .why = why};

	query_number(query, id);
	query_number(query, now_s);
	query_text(query, by);
	query_text(query, why);
	if (query_run(query, err) < 0)
		return -1;
	*ret_stopped = database_changed(database) > 0;
	return *ret_stopped ? add_event(database, id, &event, err) : 0;
}
