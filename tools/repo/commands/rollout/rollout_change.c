#include "tools/repo/commands/rollout/rollout_change.h"

#include <stdio.h>
#include <string.h>

#include "manifests/catalog/catalog_candidate.h"
#include "manifests/catalog/night_date.h"
#include "tools/repo/commands/catalog/catalog_offer.h"

static bool is_in(const json_t *candidate, enum candidate_state state)
{
	const char *name = json_string_value(json_object_get(candidate, "state"));

	return name && strcmp(name, candidate_state_name(state)) == 0;
}

/* The entry of the package, which has a candidate. NULL where there is none. */
static json_t *find_entry(const json_t *catalog, const char *package, struct error *err)
{
	json_t *entry = catalog_offer_find(catalog, package);

	if (!entry || !json_object_get(entry, "candidate")) {
		(void)error_set(err, ERROR_NOT_FOUND,
			"nothing of '%.80s' is being tried; \"haishin-repo rollout show\" lists what is", package);
		return NULL;
	}
	return entry;
}

typedef int candidate_change(const struct tool *tool, json_t *entry, json_t *candidate, struct error *err);

static int change_each(const struct tool *tool, json_t *catalog, candidate_change *change, struct error *err)
{
	const char *package;

	if (args_want_positional(tool->args, 2, 64, "the package", err) < 0)
		return -1;
	for (size_t i = 1; (package = args_positional(tool->args, i)); i++) {
		json_t *entry = find_entry(catalog, package, err);

		if (!entry)
			return -1;
		if (change(tool, entry, json_object_get(entry, "candidate"), err) < 0)
			return error_context(err, "%s", package);
	}
	return 0;
}

static int put_state(json_t *candidate, enum candidate_state state, const char *why, bool recall, struct error *err)
{
	if (json_object_set_new(candidate, "state", json_string(candidate_state_name(state))) < 0 ||
		json_object_set_new(candidate, "recall", json_boolean(recall)) < 0 ||
		json_object_set_new(candidate, "why", json_string(why)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a candidate, or the reason is not UTF-8");
	return 0;
}

/* ---- Stop, withdraw ---- */

static int end(const struct tool *tool, json_t *candidate, enum candidate_state state, struct error *err)
{
	const char *why = args_get(tool->args, "why");
	bool recall = args_has(tool->args, "recall");

	if (!why || !*why)
		return error_set(err, ERROR_USAGE,
			"say with --why TEXT what is wrong: terminals keep it in their histories, and show it");
	if (is_in(candidate, CANDIDATE_WITHDRAWN))
		return error_set(err, ERROR_USAGE, "%s is withdrawn already; begin with a newer version",
			json_string_value(json_object_get(candidate, "version")));
	return put_state(candidate, state, why, recall || json_is_true(json_object_get(candidate, "recall")), err);
}

static int stop(const struct tool *tool, json_t *entry, json_t *candidate, struct error *err)
{
	(void)entry;
	return end(tool, candidate, CANDIDATE_STOPPED, err);
}

static int withdraw(const struct tool *tool, json_t *entry, json_t *candidate, struct error *err)
{
	(void)entry;
	return end(tool, candidate, CANDIDATE_WITHDRAWN, err);
}

int rollout_stop(const struct tool *tool, json_t *catalog, struct error *err)
{
	return change_each(tool, catalog, stop, err);
}

int rollout_withdraw(const struct tool *tool, json_t *catalog, struct error *err)
{
	return change_each(tool, catalog, withdraw, err);
}

/* ---- Resume ---- */

/* Whatever was stopped was so in the attempts before. */
static int resume(const struct tool *tool, json_t *entry, json_t *candidate, struct error *err)
{
	int64_t attempt = json_integer_value(json_object_get(candidate, "attempt"));

	(void)tool;
	(void)entry;
	if (is_in(candidate, CANDIDATE_WITHDRAWN))
		return error_set(err, ERROR_USAGE, "%s was withdrawn for good; begin with a newer version",
			json_string_value(json_object_get(candidate, "version")));
	if (json_object_set_new(candidate, "attempt", json_integer(attempt + 1)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a candidate");
	return put_state(candidate, CANDIDATE_RUNNING, "", false, err);
}

int rollout_resume(const struct tool *tool, json_t *catalog, struct error *err)
{
	return change_each(tool, catalog, resume, err);
}

/* ---- Finish ---- */

/* The last stage has come by the publisher's clock, in whatever zone, and is for all. */
static bool has_reached_all(const json_t *candidate, int64_t now_s)
{
	const json_t *stages = json_object_get(candidate, "stages");
	const json_t *last = json_array_get(stages, json_array_size(stages) - 1);
	const char *text = json_string_value(json_object_get(last, "night"));
	struct night_date night;

	return json_integer_value(json_object_get(last, "percent")) == 100 && text &&
	       night_date_parse(text, &night, NULL) == 0 && night_date_days(&night) <= (now_s + 14 * 3600) / 86400;
}

static int finish(const struct tool *tool, json_t *entry, json_t *candidate, struct error *err)
{
	int64_t now_s = tool->clock->now_s(tool->clock);

	if (!is_in(candidate, CANDIDATE_RUNNING))
		return error_set(err, ERROR_USAGE,
			"%s is %s: who wants it on all terminals says \"haishin-repo rollout resume\" first",
			json_string_value(json_object_get(candidate, "version")),
			json_string_value(json_object_get(candidate, "state")));
	if (!has_reached_all(candidate, now_s) && !args_has(tool->args, "early"))
		return error_set(err, ERROR_USAGE,
			"%s has not reached its last stage for all terminals; say --early if it is to be for all at once",
			json_string_value(json_object_get(candidate, "version")));
	if (json_object_set(entry, "version", json_object_get(candidate, "version")) < 0 ||
		json_object_set(entry, "release", json_object_get(candidate, "release")) < 0 ||
		json_object_set_new(entry, "rollout_percent", json_integer(100)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a catalog");
	(void)json_object_del(entry, "candidate");
	return 0;
}

int rollout_finish(const struct tool *tool, json_t *catalog, struct error *err)
{
	return change_each(tool, catalog, finish, err);
}
