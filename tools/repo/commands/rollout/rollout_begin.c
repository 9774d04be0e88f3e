#include "tools/repo/commands/rollout/rollout_begin.h"

#include <stdio.h>
#include <string.h>

#include "manifests/base/package.h"
#include "manifests/catalog/catalog_candidate.h"
#include "manifests/rollout/brake.h"
#include "tools/repo/commands/catalog/catalog_offer.h"
#include "tools/repo/commands/rollout/rollout_words.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"

#define USUAL_ROLLED_BACK 200 /* hundredths of a percent */
#define USUAL_SILENT 300
#define USUAL_LEAST 20

/* ---- What the options say of all of them ---- */

static json_t *read_stages(const struct tool *tool, struct error *err)
{
	AUTO(json) json_t *stages = json_array();
	const char *text;

	for (size_t i = 0; (text = args_nth(tool->args, "stage", i)); i++) {
		json_t *stage = rollout_stage(text, err);

		if (!stage)
			return NULL;
		if (json_array_append_new(stages, stage) < 0) {
			(void)error_set(err, ERROR_FAILED, "no memory for a stage");
			return NULL;
		}
	}
	if (json_array_size(stages) == 0) {
		(void)error_set(err, ERROR_USAGE,
			"say with --stage from which night on who may take it, such as --stage 2026-12-01=ring:pilot "
			"--stage 2026-12-02=1 --stage 2026-12-10=100");
		return NULL;
	}
	return take_ptr(&stages);
}

static json_t *read_bounds(const struct tool *tool, struct error *err)
{
	AUTO(json) json_t *bounds = json_object();
	const char *text;

	for (size_t i = 0; (text = args_nth(tool->args, "stop-at", i)); i++)
		if (rollout_bound(text, bounds, err) < 0)
			return NULL;
	if (json_object_size(bounds) == 0 &&
		(json_object_set_new(bounds, "rolled_back", json_integer(USUAL_ROLLED_BACK)) < 0 ||
			json_object_set_new(bounds, "silent", json_integer(USUAL_SILENT)) < 0)) {
		(void)error_set(err, ERROR_FAILED, "no memory for bounds");
		return NULL;
	}
	return take_ptr(&bounds);
}

/* ---- One package ---- */

static int check_entry(const json_t *entry, const char *package, const char *version, struct error *err)
{
	const json_t *candidate = json_object_get(entry, "candidate");
	const char *stable = json_string_value(json_object_get(entry, "version"));
	const char *state = json_string_value(json_object_get(candidate, "state"));

	if (!entry)
		return error_set(err, ERROR_USAGE,
			"the catalog offers no '%s': what terminals outside the rollout run has to be said first, with "
			"\"haishin-repo catalog set %s=VERSION\"",
			package, package);
	if (version_compare(version, stable) <= 0)
		return error_set(err, ERROR_USAGE, "%s %s is not newer than the stable %s", package, version, stable);
	if (state && strcmp(state, candidate_state_name(CANDIDATE_WITHDRAWN)) != 0)
		return error_set(err, ERROR_USAGE,
			"%s %s is being tried already (%s): say \"haishin-repo rollout finish\" or \"withdraw\" first",
			package, json_string_value(json_object_get(candidate, "version")), state);
	if (json_is_true(json_object_get(candidate, "recall")))
		(void)printf("%s %s was recalled: terminals that have not heard of it yet keep it until %s reaches them.\n",
			package, json_string_value(json_object_get(candidate, "version")), version);
	return 0;
}

static json_t *new_candidate(const struct workspace *workspace, const struct tool *tool, const char *package,
	const char *version, const char *digest, struct error *err)
{
	char target[PACKAGE_TARGET_SIZE], begun[CLOCK_TEXT_SIZE];
	int64_t least = USUAL_LEAST;

	if (args_integer(tool->args, "least", 1, 1000000, &least, err) < 0)
		return NULL;
	package_release_target(package, version, target);
	return JSON_OBJECT({
		json_blame(err),
		json_text("version", version),
		json_text("release", target),
		json_text("digest", digest),
		json_text("begun", clock_text(workspace->clock->now_s(workspace->clock), begun)),
		json_number("attempt", 1),
		json_text("state", candidate_state_name(CANDIDATE_RUNNING)),
		json_flag("brake", !args_has(tool->args, "no-brake")),
		json_number("least", least),
	});
}

static int begin_one(const struct tool *tool, const struct workspace *workspace, json_t *catalog, const char *text,
	char first_digest[static SHA256_HEX_SIZE], struct error *err)
{
	const char *equals = strchr(text, '=');
	AUTO(free) char *package = equals ? strndup(text, (size_t)(equals - text)) : NULL;
	AUTO(json) json_t *candidate = NULL, *stages = NULL, *bounds = NULL;
	char digest[SHA256_HEX_SIZE];
	json_t *entry;

	if (!package)
		return error_set(err, ERROR_USAGE, "'%.80s' is not PACKAGE=VERSION", text);
	if (package_check_name(package, err) < 0 || version_check(equals + 1, err) < 0)
		return -1;
	entry = catalog_offer_find(catalog, package);
	if (check_entry(entry, package, equals + 1, err) < 0 ||
		catalog_offer_digest(workspace, package, equals + 1, digest, err) < 0 ||
		!(stages = read_stages(tool, err)) || !(bounds = read_bounds(tool, err)) ||
		!(candidate = new_candidate(workspace, tool, package, equals + 1, digest, err)))
		return -1;
	if (!*first_digest)
		memcpy(first_digest, digest, SHA256_HEX_SIZE);
	if (json_object_set_new(candidate, "place_of", json_string(first_digest)) < 0 ||
		json_object_set(candidate, "stages", stages) < 0 || json_object_set(candidate, "stop_at", bounds) < 0 ||
		json_object_set(entry, "candidate", candidate) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a candidate");
	return 0;
}

/* ---- What the operator may not have thought of ---- */

static void warn_of_stages(const struct tool *tool, const struct workspace *workspace, const json_t *stages)
{
	const json_t *last = json_array_get(stages, json_array_size(stages) - 1);
	const char *first = json_string_value(json_object_get(json_array_get(stages, 0), "night"));
	struct night_date night;

	if (json_integer_value(json_object_get(last, "percent")) < 100)
		log_line(tool->log, LOG_LEVEL_WARNING,
			"the last stage is not for all terminals: the others wait until \"haishin-repo rollout finish\"");
	if (night_date_parse(first, &night, NULL) == 0 &&
		night_date_days(&night) < workspace->clock->now_s(workspace->clock) / 86400 - 1)
		log_line(tool->log, LOG_LEVEL_WARNING, "the first stage, %s, is over: it opens as soon as this is published",
			first);
}

static int warn_of_brake(const struct tool *tool, const struct workspace *workspace, struct error *err)
{
	AUTO(json) json_t *targets = NULL;
	json_t *keys;

	if (args_has(tool->args, "no-brake"))
		return 0;
	if (documents_edit(workspace, "targets", &targets, err) < 0)
		return -1;
	if (!targets || !roles_entry(targets, BRAKE_ROLE, &keys))
		log_line(tool->log, LOG_LEVEL_WARNING,
			"nobody may brake yet, so no stage opens: give the collector's key with \"haishin-repo rollout "
			"brake-key FILE\", or begin with --no-brake");
	return 0;
}

int rollout_begin(const struct tool *tool, const struct workspace *workspace, json_t *catalog, struct error *err)
{
	char first_digest[SHA256_HEX_SIZE] = "";
	const char *text;

	if (args_want_positional(tool->args, 2, 64, "PACKAGE=VERSION", err) < 0)
		return -1;
	for (size_t i = 1; (text = args_positional(tool->args, i)); i++)
		if (begin_one(tool, workspace, catalog, text, first_digest, err) < 0)
			return -1;
	return 0;
}

int rollout_begin_warn(const struct tool *tool, const struct workspace *workspace, struct error *err)
{
	AUTO(json) json_t *stages = read_stages(tool, err);

	if (!stages)
		return -1;
	warn_of_stages(tool, workspace, stages);
	return warn_of_brake(tool, workspace, err);
}
