#include "collector/rollout/rollout_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "collector/rollout/brake_statement.h"
#include "collector/rollout/candidates.h"
#include "collector/rollout/rollout_plan.h"
#include "collector/rollout/trials.h"
#include "collector/store/night.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/text.h"

#define IDS_MOST 16384
#define WINDOW_OPENS_S (8 * 3600) /* after the night's noon */
#define NEWS_S (2 * 3600) /* into its window: what is not told by then is hardly told in this night */
#define KEPT_S (INT64_C(90) * 86400)
#define HUNDREDTHS 10000.0

struct look {
	struct rollout_watch *watch;
	struct database *database;
	int64_t now_s, tonight;
	bool judges;
	struct buf ids; /* of what the catalog names */
};

/* ---- One rollout ---- */

static int64_t settled_since(const struct trials *trials, int64_t night)
{
	int64_t settled = 0;

	for (size_t i = 0; i < trials->count; i++)
		if (trials->nights[i] >= night)
			settled += trials->ended[i];
	return settled;
}

static bool is_overdue(const struct look *look, const struct candidate *candidate, const struct rollout_row *row)
{
	int64_t night;

	if (row->stages_open >= (int64_t)candidate->stages_count)
		return false;
	night = night_date_days(&candidate->stages[row->stages_open].night);
	return look->now_s >= night_begin_s(night) + WINDOW_OPENS_S + NEWS_S;
}

static void judge(const struct look *look, const struct candidate *candidate, const struct rollout_row *row,
	const struct trials *trials, struct judgement *ret_judgement)
{
	struct judgement_facts facts = {
		.most_rolled_back = (double)candidate->most_rolled_back / HUNDREDTHS,
		.most_silent = (double)candidate->most_silent / HUNDREDTHS,
		.least = candidate->least,
		.cohorts = trials->alike[0],
		.cohorts_count = 2 * trials->count,
		.settled_of_stage = settled_since(trials, row->opened_night),
		.next = rollout_plan_next(candidate, row->stages_open),
		.until = rollout_plan_until(candidate, row->stages_open + 1),
		.is_overdue = is_overdue(look, candidate, row),
	};

	for (size_t i = 0; i < trials->count; i++) {
		facts.settled += trials->ended[i];
		facts.rolled_back += trials->rolled_back[i];
	}
	judgement_make(&facts, ret_judgement);
}

static json_t *finding_object(const struct judgement_finding *finding)
{
	return JSON_OBJECT({
		json_number("judged", finding->judged),
		json_number("harmed", finding->harmed),
		json_take("usual", json_real(finding->usual)),
		json_take("caused", json_real(finding->caused)),
		json_take("harm", json_real(finding->harm)),
		json_take("doubt", json_real(finding->doubt)),
	});
}

static int keep_judgement(
	struct look *look, const struct rollout_row *row, const struct judgement *judgement, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(sizeof(row->judgement) - 1);
	AUTO(json) json_t *object = JSON_OBJECT({
		json_blame(err),
		json_take("rolled_back", finding_object(&judgement->rolled_back)),
		json_take("silent", finding_object(&judgement->silent)),
		json_take("matters", json_real(judgement->matters)),
	});

	if (!object || json_write(object, &text, err) < 0)
		return -1;
	return rollout_row_judged(look->database, row->id, judgement_verdict_name(judgement->verdict), buf_text(&text),
		look->now_s, err);
}

static int stop(struct look *look, const struct rollout_row *row, const struct judgement *judgement, struct error *err)
{
	bool is_silent = judgement->verdict == JUDGEMENT_SILENT, is_new;
	const struct judgement_finding *finding = is_silent ? &judgement->silent : &judgement->rolled_back;
	char why[ROLLOUT_WHY_SIZE];

	(void)snprintf(why, sizeof(why), "%" PRId64 " of %" PRId64 " terminals %s; %.1f %% would be usual", finding->harmed,
		finding->judged, is_silent ? "have not been heard of since they took it" : "took it back",
		100 * finding->usual);
	if (rollout_row_stop(look->database, row->id, look->now_s, judgement_verdict_name(judgement->verdict), why, &is_new,
		    err) < 0)
		return -1;
	if (is_new)
		log_line(look->watch->log, LOG_LEVEL_WARNING, "%s %s: the brake stops it: %s", row->package, row->version, why);
	return 0;
}

/* A stage opens in its night or later, and in that of the one before only where it needs no word of its terminals. */
static int open_next(struct look *look, const struct candidate *candidate, const struct rollout_row *row,
	bool is_sure, struct error *err)
{
	const struct candidate_stage *next = &candidate->stages[row->stages_open];

	if (row->stages_open >= (int64_t)candidate->stages_count || night_date_days(&next->night) > look->tonight ||
		(row->opened_night >= look->tonight && !is_sure))
		return 0;
	log_line(look->watch->log, LOG_LEVEL_INFO, "%s %s: stage %" PRId64 " of %zu may open", row->package, row->version,
		row->stages_open + 1, candidate->stages_count);
	return rollout_row_open(
		look->database, row->id, row->stages_open + 1, look->tonight, look->now_s, "well", err);
}

static int follow(struct look *look, const struct candidate *candidate, const struct rollout_row *row, struct error *err)
{
	struct judgement judgement;
	struct trials trials;

	if (trials_follow(look->database, row, look->tonight, err) < 0 ||
		trials_count(look->database, row->id, &trials, err) < 0)
		return -1;
	judge(look, candidate, row, &trials, &judgement);
	if (keep_judgement(look, row, &judgement, err) < 0)
		return -1;
	if (row->stopped_s || candidate->state != CANDIDATE_RUNNING)
		return 0;
	if (judgement.verdict == JUDGEMENT_SILENT || judgement.verdict == JUDGEMENT_ROLLED_BACK)
		return stop(look, row, &judgement, err);
	return judgement.verdict == JUDGEMENT_WELL ? open_next(look, candidate, row, judgement.is_sure, err) : 0;
}

/* ---- What the catalog names ---- */

/* The first stage is for its night alone to open. Whoever resumes a candidate has said that the next one may. */
static int64_t stages_at_first(struct database *database, const struct catalog_package *package)
{
	const struct candidate *candidate = package->candidate;
	struct rollout_row former;
	struct error none = {0};

	if (candidate->attempt == 1 ||
		rollout_row_find(database,
			rollout_id_of(package->name, candidate->digest, candidate->attempt - 1), &former, &none) < 0)
		return 1;
	return former.stages_open < (int64_t)candidate->stages_count ? former.stages_open + 1 : former.stages_open;
}

static int add_row(struct look *look, const struct catalog_package *package, struct rollout_row *row, struct error *err)
{
	const struct candidate *candidate = package->candidate;
	int64_t first = night_date_days(&candidate->stages[0].night);

	(void)snprintf(row->package, sizeof(row->package), "%s", package->name);
	(void)snprintf(row->version, sizeof(row->version), "%s", candidate->version);
	(void)snprintf(row->digest, sizeof(row->digest), "%s", candidate->digest);
	row->attempt = candidate->attempt;
	row->began_s = look->now_s;
	row->stages_open = stages_at_first(look->database, package);
	row->opened_night = row->stages_open == 1 ? first : look->tonight;
	return rollout_row_add(look->database, row, err);
}

static int take_package(struct look *look, const struct catalog_package *package, struct error *err)
{
	const struct candidate *candidate = package->candidate;
	struct rollout_row row = {.id = rollout_id_of(package->name, candidate->digest, candidate->attempt)};

	if (rollout_plan_write(candidate, row.plan, err) < 0 || add_row(look, package, &row, err) < 0 ||
		rollout_row_plan(look->database, row.id, row.plan, err) < 0 ||
		rollout_row_find(look->database, row.id, &row, err) < 0 ||
		buf_printf(&look->ids, err, "%s%" PRId64, look->ids.len > 1 ? "," : "", row.id) < 0)
		return -1;
	return look->judges ? follow(look, candidate, &row, err) : 0;
}

/* CATALOG: NULL where none is published. */
static int take_catalog(struct look *look, const struct catalog *catalog, struct error *err)
{
	if (buf_printf(&look->ids, err, "[") < 0)
		return -1;
	for (size_t i = 0; catalog && i < catalog->packages_count; i++)
		if (catalog->packages[i].candidate && take_package(look, &catalog->packages[i], err) < 0)
			return error_context(err, "%s", catalog->packages[i].name);
	if (buf_printf(&look->ids, err, "]") < 0)
		return -1;
	return rollout_row_end_others(look->database, buf_text(&look->ids), err);
}

/* ---- The whole look ---- */

static int look_within(struct look *look, const struct catalog *catalog, struct error *err)
{
	bool is_signed;

	if (take_catalog(look, catalog, err) < 0 ||
		trials_forget(look->database, look->now_s - KEPT_S, err) < 0)
		return -1;
	return brake_statement_renew(
		look->watch->config, look->database, look->watch->key_id, look->now_s, &is_signed, err);
}

static int64_t now_ms(const struct rollout_watch *watch)
{
	return watch->clock->monotonic_ms(watch->clock);
}

/* Hundreds of thousands of terminals take the store a while, which is for reports. */
static void pause_judging(struct rollout_watch *watch, int64_t began_ms)
{
	int64_t ended_ms = now_ms(watch);

	watch->judges_at_ms = ended_ms + ROLLOUT_WATCH_PAUSES * (ended_ms - began_ms);
}

static int look_at_all(struct look *look, struct error *err)
{
	AUTO(catalog) struct catalog *catalog = NULL;

	if ((!*look->watch->key_id && brake_statement_key_id(look->watch->config, look->watch->key_id, err) < 0) ||
		candidates_read(look->watch->config->metadata_repository, &catalog, err) < 0 ||
		database_begin(look->database, err) < 0)
		return -1;
	if (look_within(look, catalog, err) < 0) {
		database_undo(look->database);
		return -1;
	}
	return database_commit(look->database, err);
}

void rollout_watch_look(
	struct rollout_watch *watch, struct database *database, bool is_holder, int64_t now_s)
{
	struct look look = {.watch = watch, .database = database, .now_s = now_s, .tonight = night_of(now_s), .ids = BUF_INIT(IDS_MOST)};
	struct error err = {0};
	int64_t began_ms;
	int result = 0;

	if (!*watch->config->brake_key)
		return;
	began_ms = now_ms(watch);
	look.judges = began_ms >= watch->judges_at_ms;
	if (is_holder) {
		result = look_at_all(&look, &err);
		if (look.judges)
			pause_judging(watch, began_ms);
	}
	if (result == 0)
		result = brake_statement_publish(watch->config, database, &err);
	/* Another holds the lease, and has not signed one yet. */
	if (result < 0 && err.code == ERROR_NOT_FOUND && !is_holder)
		result = 0;
	if (result < 0 && !watch->is_in_trouble)
		log_line(watch->log, LOG_LEVEL_ERROR,
			"rollouts cannot be looked after, and wait where they are: %s", err.text);
	watch->is_in_trouble = result < 0;
	buf_clear(&look.ids);
}

/* ---- By hand ---- */

static int check_line(const char *what, const char *text, size_t size, struct error *err)
{
	if (!*text || strlen(text) >= size || text_find_acting(text) || strchr(text, '\n'))
		return error_set(err, ERROR_INPUT, "%s must be one plain line of 1 to %zu bytes", what, size - 1);
	return 0;
}

static int stop_within(struct database *database, const char *package, const char *version, const char *by,
	const char *why, int64_t now_s, bool *ret_stopped, struct error *err)
{
	struct rollout_row row;

	if (rollout_row_find_version(database, package, version, &row, err) < 0)
		return -1;
	if (row.is_over)
		return error_set(err, ERROR_NOT_FOUND, "the catalog does not name %s %s as a candidate any more", package,
			version);
	return rollout_row_stop(database, row.id, now_s, by, why, ret_stopped, err);
}

int rollout_watch_stop(struct database *database, const char *package, const char *version, const char *by,
	const char *why, int64_t now_s, bool *ret_stopped, struct error *err)
{
	if (check_line("the reason", why, ROLLOUT_WHY_SIZE, err) < 0 ||
		check_line("who stops it", by, ROLLOUT_WHY_SIZE, err) < 0 || database_begin(database, err) < 0)
		return -1;
	if (stop_within(database, package, version, by, why, now_s, ret_stopped, err) < 0) {
		database_undo(database);
		return -1;
	}
	return database_commit(database, err);
}
