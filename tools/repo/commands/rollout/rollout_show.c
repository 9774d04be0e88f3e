#include "tools/repo/commands/rollout/rollout_show.h"

#include <stdio.h>
#include <string.h>

#include "manifests/catalog/catalog.h"
#include "manifests/rollout/brake.h"
#include "tools/repo/commands/rollout/rollout_brake.h"
#include "tools/repo/commands/rollout/rollout_words.h"

/* What the statement that stands among the metadata says of one candidate. */
static enum brake_state ask_brake(const struct workspace *workspace, const struct brake *brake, const json_t *entry,
	const struct brake_stop **ret_stop)
{
	const json_t *candidate = json_object_get(entry, "candidate");
	const struct candidate asked = {
		.digest = json_string_value(json_object_get(candidate, "digest")),
		.attempt = json_integer_value(json_object_get(candidate, "attempt")),
	};

	return brake_ask(brake, json_string_value(json_object_get(entry, "package")), &asked,
		workspace->clock->now_s(workspace->clock), ret_stop);
}

static json_t *describe(const struct workspace *workspace, const struct brake *brake, const json_t *entry)
{
	const struct brake_stop *stop;
	enum brake_state state = ask_brake(workspace, brake, entry, &stop);
	json_t *json = json_deep_copy(json_object_get(entry, "candidate"));

	if (json)
		(void)json_object_update_new(json,
			JSON_OBJECT({
				json_share("package", json_object_get(entry, "package")),
				json_share("stable", json_object_get(entry, "version")),
				json_text("brake_says", brake_state_name(state)),
				json_text_or_null("braked_because", stop ? stop->why : NULL),
				json_text_or_null("braked_by", stop ? stop->by : NULL),
			}));
	return json;
}

/* Where the publisher's own day has reached the stage's night: terminals' nights begin at their noon. */
static bool has_come(const struct workspace *workspace, const json_t *stage)
{
	struct night_date night;

	return night_date_parse(json_string_value(json_object_get(stage, "night")), &night, NULL) == 0 &&
	       night_date_days(&night) <= workspace->clock->now_s(workspace->clock) / 86400;
}

static const char *brake_words(const json_t *json)
{
	const char *says = json_string_value(json_object_get(json, "brake_says"));

	if (strcmp(says, "stopped") == 0)
		return "STOPPED by the brake";
	if (json_is_false(json_object_get(json, "brake")))
		return "none is needed";
	if (strcmp(says, "good") == 0)
		return "good: somebody watches";
	return strcmp(says, "stale") == 0 ? "stale: nobody has signed for 36 hours, the rollout waits"
					  : "there is no statement here: the rollout waits";
}

static void print_bounds(const json_t *json)
{
	static const char *const kinds[][2] = {{"rolled_back", "rolled back"}, {"silent", "silent"}};
	const json_t *bounds = json_object_get(json, "stop_at");

	(void)printf("  stops at  ");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (json_object_get(bounds, kinds[i][0]))
			(void)printf("%s %.2f %%, ", kinds[i][1],
				(double)json_integer_value(json_object_get(bounds, kinds[i][0])) / 100);
	(void)printf("once %lld have taken it\n", (long long)json_integer_value(json_object_get(json, "least")));
}

static void print_reason(const char *label, const json_t *why)
{
	if (json_string_length(why))
		(void)printf("  %-9s %s\n", label, json_string_value(why));
}

static void print_one(const struct workspace *workspace, const json_t *json)
{
	const json_t *stage;
	size_t i;

	(void)printf("%s %s, beside the stable %s: %s, attempt %lld%s\n",
		json_string_value(json_object_get(json, "package")), json_string_value(json_object_get(json, "version")),
		json_string_value(json_object_get(json, "stable")), json_string_value(json_object_get(json, "state")),
		(long long)json_integer_value(json_object_get(json, "attempt")),
		json_is_true(json_object_get(json, "recall")) ? ", recalled" : "");
	print_reason("because", json_object_get(json, "why"));
	json_array_foreach (json_object_get(json, "stages"), i, stage) {
		char text[ROLLOUT_TEXT_SIZE];

		(void)printf("  %-9s %s  %s%s\n", i ? "" : "stages", json_string_value(json_object_get(stage, "night")),
			rollout_stage_text(stage, text), has_come(workspace, stage) ? "" : "  (to come)");
	}
	print_bounds(json);
	(void)printf("  %-9s %s\n", "brake", brake_words(json));
	print_reason("because", json_object_get(json, "braked_because"));
}

int rollout_show(
	const struct tool *tool, const struct workspace *workspace, const json_t *catalog, struct error *err)
{
	AUTO(brake) struct brake *brake = NULL;
	AUTO(json) json_t *list = json_array();
	const json_t *entry;
	size_t i;

	if (args_want_positional(tool->args, 1, 1, "", err) < 0 || rollout_brake_read(workspace, &brake, err) < 0)
		return -1;
	json_array_foreach (json_object_get(catalog, "packages"), i, entry)
		if (json_object_get(entry, "candidate") &&
			json_array_append_new(list, describe(workspace, brake, entry)) < 0)
			return error_set(err, ERROR_FAILED, "no memory for a list of candidates");
	if (tool->json)
		return tool_print_json(list, err);
	json_array_foreach (list, i, entry)
		print_one(workspace, entry);
	json_array_foreach (json_object_get(catalog, "packages"), i, entry)
		rollout_tell_no_brake(entry);
	if (json_array_size(list) == 0)
		(void)puts("Nothing is being tried: all terminals get the stable releases.");
	return 0;
}
