#include "tools/repo/commands/rollout/rollout_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifests/catalog/catalog_candidate.h"
#include "manifests/catalog/night_date.h"

#define RING "ring:"
#define STAGE_FORM "write it as 2026-12-01=ring:pilot or 2026-12-02=10"
#define BOUND_FORM "write it as rolled-back=2%% or silent=3%%"

/* A whole number up to 100, a '%' behind it or not; -1 for anything else. */
static int64_t percent_of(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	long value = digits > 0 && digits <= 3 ? strtol(text, NULL, 10) : -1;

	if (strcmp(text + digits, "") != 0 && strcmp(text + digits, "%") != 0 && strcmp(text + digits, " %") != 0)
		return -1;
	return value > 100 ? -1 : value;
}

static int add_item(json_t *stage, const char *item, struct error *err)
{
	int64_t percent;

	if (strncmp(item, RING, strlen(RING)) == 0) {
		if (candidate_check_ring(item + strlen(RING), err) < 0)
			return error_set(err, ERROR_USAGE, "'%.40s' is no ring: 1 to %d of a-z, 0-9 and '-' name one",
				item, CANDIDATE_RING_SIZE - 1);
		return json_array_append_new(json_object_get(stage, "rings"), json_string(item + strlen(RING))) < 0
			       ? error_set(err, ERROR_FAILED, "no memory for a stage")
			       : 0;
	}
	if ((percent = percent_of(item)) < 1)
		return error_set(err, ERROR_USAGE, "'%.40s' is neither ring:NAME nor a share from 1 to 100", item);
	return json_object_set_new(stage, "percent", json_integer(percent)) < 0
		       ? error_set(err, ERROR_FAILED, "no memory for a stage")
		       : 0;
}

static json_t *new_stage(const char *night, struct error *err)
{
	return JSON_OBJECT({
		json_blame(err),
		json_text("night", night),
		json_number("percent", 0),
		json_take("rings", json_array()),
	});
}

json_t *rollout_stage(const char *text, struct error *err)
{
	AUTO(free) char *copy = strdup(text);
	char *equals = copy ? strchr(copy, '=') : NULL, *state = NULL;
	AUTO(json) json_t *stage = NULL;
	struct night_date night;

	if (equals)
		*equals = '\0';
	if (!equals || !equals[1] || night_date_parse(copy, &night, NULL) < 0) {
		(void)error_set(err, ERROR_USAGE, "--stage '%.80s' is no stage: " STAGE_FORM, text);
		return NULL;
	}
	if (!(stage = new_stage(copy, err)))
		return NULL;
	for (char *item = strtok_r(equals + 1, ",", &state); item; item = strtok_r(NULL, ",", &state))
		if (add_item(stage, item, err) < 0) {
			(void)error_context(err, "--stage %.40s", copy);
			return NULL;
		}
	return take_ptr(&stage);
}

/* Hundredths of a percent, from "2", "2%", "0.5%", "0.25 %"; -1 for anything else. */
static int64_t hundredths_of(const char *text)
{
	size_t digits = strspn(text, "0123456789"), parts = 0;
	const char *rest = text + digits;
	int64_t value = digits > 0 && digits <= 3 ? 100 * strtol(text, NULL, 10) : -1;

	if (value >= 0 && *rest == '.') {
		parts = strspn(rest + 1, "0123456789");
		if (parts < 1 || parts > 2)
			return -1;
		value += (rest[1] - '0') * 10 + (parts == 2 ? rest[2] - '0' : 0);
		rest += 1 + parts;
	}
	if (strcmp(rest, "") != 0 && strcmp(rest, "%") != 0 && strcmp(rest, " %") != 0)
		return -1;
	return value > CANDIDATE_BOUND_WHOLE ? -1 : value;
}

int rollout_bound(const char *text, json_t *bounds, struct error *err)
{
	static const struct {
		const char *word;
		const char *member;
	} kinds[] = {{"rolled-back=", "rolled_back"}, {"silent=", "silent"}};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].word);
		int64_t bound;

		if (strncmp(text, kinds[i].word, len) != 0)
			continue;
		if ((bound = hundredths_of(text + len)) < 1)
			break;
		return json_object_set_new(bounds, kinds[i].member, json_integer(bound)) < 0
			       ? error_set(err, ERROR_FAILED, "no memory for a bound")
			       : 0;
	}
	return error_set(err, ERROR_USAGE, "--stop-at '%.80s' is no bound: " BOUND_FORM, text);
}

const char *rollout_stage_text(const json_t *stage, char ret_text[static ROLLOUT_TEXT_SIZE])
{
	long long percent = (long long)json_integer_value(json_object_get(stage, "percent"));
	const json_t *ring;
	size_t i, len = 0;

	ret_text[0] = '\0';
	json_array_foreach (json_object_get(stage, "rings"), i, ring) {
		(void)snprintf(ret_text + len, ROLLOUT_TEXT_SIZE - len, "%sring %s", len ? ", " : "",
			json_string_value(ring));
		len = strlen(ret_text);
	}
	if (percent)
		(void)snprintf(ret_text + len, ROLLOUT_TEXT_SIZE - len, "%s%lld %%", len ? " and " : "", percent);
	return ret_text;
}

void rollout_tell_no_brake(const json_t *entry)
{
	const json_t *candidate = json_object_get(entry, "candidate");

	if (json_is_false(json_object_get(candidate, "brake")))
		(void)printf("NO BRAKE: nothing stops %s %s by itself, and its stages open by their dates alone. Somebody has to "
			     "watch it; \"haishin-repo rollout stop\" stops it.\n",
			json_string_value(json_object_get(entry, "package")),
			json_string_value(json_object_get(candidate, "version")));
}
