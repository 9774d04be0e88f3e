#include "manifests/catalog/catalog_candidate.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/digest.h"
#include "common/text.h"
#include "manifests/base/package.h"

#define USUAL_LEAST 20
#define MAX_LEAST 1000000

static const char *const state_names[] = {
	[CANDIDATE_RUNNING] = "running",
	[CANDIDATE_STOPPED] = "stopped",
	[CANDIDATE_WITHDRAWN] = "withdrawn",
};

const char *candidate_state_name(enum candidate_state state)
{
	return state_names[state];
}

void catalog_candidate_free(struct candidate *candidate)
{
	if (!candidate)
		return;
	for (size_t i = 0; i < candidate->stages_count; i++)
		free(candidate->stages[i].rings);
	free(candidate->stages);
	free(candidate);
}

/* ---- Reading ---- */

static int read_rings(struct arena *memory, struct candidate_stage *stage, const json_t *json, struct error *err)
{
	const json_t *rings = NULL;
	const json_t *ring;
	size_t i;

	if (json_may_array(json, "rings", &rings, err) < 0)
		return -1;
	if (json_array_size(rings) > CANDIDATE_MAX_RINGS)
		return error_set(err, ERROR_INPUT, "more than %d rings", CANDIDATE_MAX_RINGS);
	if (!(stage->rings = calloc(json_array_size(rings) + 1, sizeof(*stage->rings))))
		return error_set(err, ERROR_FAILED, "no memory for %zu rings", json_array_size(rings));
	json_array_foreach (rings, i, ring) {
		if (!json_is_string(ring))
			return error_set(err, ERROR_INPUT, "member 'rings' does not hold texts alone");
		if (arena_keep(memory, json_string_value(ring), &stage->rings[i], err) < 0)
			return -1;
		stage->rings_count = i + 1;
	}
	return 0;
}

static int read_stage(struct arena *memory, struct candidate_stage *stage, const json_t *json, struct error *err)
{
	const char *night;

	if (!json_is_object(json))
		return error_set(err, ERROR_INPUT, "not an object");
	if (json_want_string(json, "night", &night, err) < 0)
		return -1;
	if (night_date_parse(night, &stage->night, err) < 0)
		return error_context(err, "member 'night'");
	if (json_may_integer(json, "percent", 0, 100, &stage->percent, err) < 0)
		return -1;
	return read_rings(memory, stage, json, err);
}

static int read_stages(struct arena *memory, struct candidate *candidate, const json_t *json, struct error *err)
{
	const json_t *stages, *stage;
	size_t i;

	if (json_want_array(json, "stages", &stages, err) < 0)
		return -1;
	if (json_array_size(stages) < 1 || json_array_size(stages) > CANDIDATE_MAX_STAGES)
		return error_set(err, ERROR_INPUT, "it has %zu stages; 1 to %d may be", json_array_size(stages),
			CANDIDATE_MAX_STAGES);
	if (!(candidate->stages = calloc(json_array_size(stages), sizeof(*candidate->stages))))
		return error_set(err, ERROR_FAILED, "no memory for %zu stages", json_array_size(stages));
	json_array_foreach (stages, i, stage) {
		candidate->stages_count = i + 1;
		if (read_stage(memory, &candidate->stages[i], stage, err) < 0)
			return error_context(err, "stage %zu", i + 1);
	}
	return 0;
}

static int read_bounds(struct candidate *candidate, const json_t *json, struct error *err)
{
	const json_t *bounds = NULL;

	candidate->least = USUAL_LEAST;
	if (json_may_integer(json, "least", 1, MAX_LEAST, &candidate->least, err) < 0 ||
		json_may_object(json, "stop_at", &bounds, err) < 0)
		return -1;
	if (!bounds)
		return 0;
	return json_may_integer(
		       bounds, "rolled_back", 1, CANDIDATE_BOUND_WHOLE, &candidate->most_rolled_back, err) < 0 ||
			       json_may_integer(
				       bounds, "silent", 1, CANDIDATE_BOUND_WHOLE, &candidate->most_silent, err) < 0
		       ? error_context(err, "member 'stop_at'")
		       : 0;
}

static int read_state(struct arena *memory, struct candidate *candidate, const json_t *json, struct error *err)
{
	const char *name, *why = "";

	if (json_want_string(json, "state", &name, err) < 0 || json_may_string(json, "why", &why, err) < 0 ||
		json_may_bool(json, "recall", &candidate->is_recalled, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(state_names); i++)
		if (strcmp(state_names[i], name) == 0) {
			candidate->state = (enum candidate_state)i;
			return arena_keep(memory, why, &candidate->why, err);
		}
	return error_set(err, ERROR_INPUT, "state '%.40s' is none of running, stopped, withdrawn", name);
}

static int read_candidate(struct arena *memory, struct candidate *candidate, const json_t *json, struct error *err)
{
	const char *begun, *place_of;
	bool needs_brake = true;

	if (arena_keep_member(memory, json, "version", &candidate->version, err) < 0 ||
		arena_keep_member(memory, json, "release", &candidate->release_target, err) < 0 ||
		arena_keep_member(memory, json, "digest", &candidate->digest, err) < 0)
		return -1;
	place_of = candidate->digest;
	if (json_may_string(json, "place_of", &place_of, err) < 0 ||
		arena_keep(memory, place_of, &candidate->place_of, err) < 0 ||
		json_want_string(json, "begun", &begun, err) < 0)
		return -1;
	if (clock_parse(begun, &candidate->begun_s, err) < 0)
		return error_context(err, "member 'begun'");
	if (json_want_integer(json, "attempt", 1, CANDIDATE_MAX_ATTEMPT, &candidate->attempt, err) < 0 ||
		json_may_bool(json, "brake", &needs_brake, err) < 0 || read_state(memory, candidate, json, err) < 0 ||
		read_stages(memory, candidate, json, err) < 0)
		return -1;
	candidate->does_without_brake = !needs_brake;
	return read_bounds(candidate, json, err);
}

int catalog_candidate_read(
	struct arena *memory, const json_t *package, struct candidate **ret_candidate, struct error *err)
{
	const json_t *json = NULL;

	if (json_may_object(package, "candidate", &json, err) < 0)
		return -1;
	if (!json)
		return 0;
	if (!(*ret_candidate = calloc(1, sizeof(**ret_candidate))))
		return error_set(err, ERROR_FAILED, "no memory for a candidate");
	return read_candidate(memory, *ret_candidate, json, err) < 0 ? error_context(err, "candidate") : 0;
}

/* ---- Rules ---- */

int candidate_check_ring(const char *ring, struct error *err)
{
	size_t len = strlen(ring);

	if (len == 0 || len >= CANDIDATE_RING_SIZE || ring[strspn(ring, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		return error_set(err, ERROR_INPUT, "ring '%.40s' is not 1 to %d of a-z, 0-9 and '-'", ring,
			CANDIDATE_RING_SIZE - 1);
	return 0;
}

static int check_stage(
	const struct candidate_stage *stage, const struct candidate_stage *before, struct error *err)
{
	if (stage->percent == 0 && stage->rings_count == 0)
		return error_set(err, ERROR_INPUT, "it is for nobody: give it a share or a ring");
	for (size_t i = 0; i < stage->rings_count; i++)
		if (candidate_check_ring(stage->rings[i], err) < 0)
			return -1;
	if (before && night_date_compare(&stage->night, &before->night) <= 0)
		return error_set(err, ERROR_INPUT, "its night is not after that of the stage before");
	if (before && stage->percent && stage->percent < before->percent)
		return error_set(err, ERROR_INPUT, "its share, %lld %%, is below that of the stage before, %lld %%",
			(long long)stage->percent, (long long)before->percent);
	return 0;
}

static int check_state(const struct candidate *candidate, struct error *err)
{
	if (strlen(candidate->why) > CANDIDATE_MAX_WHY_BYTES || text_find_acting(candidate->why))
		return error_set(err, ERROR_INPUT, "the reason is longer than %d bytes, or no plain text",
			CANDIDATE_MAX_WHY_BYTES);
	if (candidate->is_recalled && candidate->state == CANDIDATE_RUNNING)
		return error_set(err, ERROR_INPUT, "it is recalled and running at once");
	return 0;
}

static int check_candidate(
	const struct candidate *candidate, const char *package, const char *stable, struct error *err)
{
	char target[PACKAGE_TARGET_SIZE];
	struct sha256 digest;

	if (version_check(candidate->version, err) < 0)
		return -1;
	if (version_compare(candidate->version, stable) <= 0)
		return error_set(
			err, ERROR_INPUT, "%s is not newer than the stable %s", candidate->version, stable);
	package_release_target(package, candidate->version, target);
	if (strcmp(candidate->release_target, target) != 0)
		return error_set(
			err, ERROR_INPUT, "its release is '%.200s', not '%s'", candidate->release_target, target);
	if (sha256_parse(candidate->digest, &digest, err) < 0 || sha256_parse(candidate->place_of, &digest, err) < 0 ||
		check_state(candidate, err) < 0)
		return -1;
	for (size_t i = 0; i < candidate->stages_count; i++)
		if (check_stage(&candidate->stages[i], i ? &candidate->stages[i - 1] : NULL, err) < 0)
			return error_context(err, "stage %zu", i + 1);
	return 0;
}

int catalog_candidate_check(
	const struct candidate *candidate, const char *package, const char *stable, struct error *err)
{
	return check_candidate(candidate, package, stable, err) < 0 ? error_context(err, "candidate") : 0;
}

/* ---- Writing ---- */

static json_t *pack_stage(const struct candidate_stage *stage)
{
	char night[NIGHT_DATE_TEXT_SIZE];
	json_t *rings = json_array();
	bool failed = false;

	for (size_t i = 0; i < stage->rings_count; i++)
		failed |= json_array_append_new(rings, json_string(stage->rings[i])) < 0;
	if (failed) {
		json_decref(rings);
		return NULL;
	}
	return JSON_OBJECT({
		json_text("night", night_date_text(&stage->night, night)),
		json_number("percent", stage->percent),
		json_take("rings", rings),
	});
}

static json_t *pack_stages(const struct candidate *candidate)
{
	json_t *stages = json_array();

	for (size_t i = 0; i < candidate->stages_count; i++)
		if (json_array_append_new(stages, pack_stage(&candidate->stages[i])) < 0) {
			json_decref(stages);
			return NULL;
		}
	return stages;
}

static json_t *pack_bounds(const struct candidate *candidate)
{
	json_t *bounds = json_object();

	if ((candidate->most_rolled_back &&
		    json_object_set_new(bounds, "rolled_back", json_integer(candidate->most_rolled_back)) < 0) ||
		(candidate->most_silent &&
			json_object_set_new(bounds, "silent", json_integer(candidate->most_silent)) < 0)) {
		json_decref(bounds);
		return NULL;
	}
	return bounds;
}

json_t *catalog_candidate_pack(const struct candidate *candidate)
{
	char begun[CLOCK_TEXT_SIZE];

	return JSON_OBJECT({
		json_text("version", candidate->version),
		json_text("release", candidate->release_target),
		json_text("digest", candidate->digest),
		json_text("place_of", candidate->place_of),
		json_text("begun", clock_text(candidate->begun_s, begun)),
		json_number("attempt", candidate->attempt),
		json_text("state", state_names[candidate->state]),
		json_text_unless_empty("why", candidate->why),
		json_flag("recall", candidate->is_recalled),
		json_flag("brake", !candidate->does_without_brake),
		json_take("stages", pack_stages(candidate)),
		json_take("stop_at", pack_bounds(candidate)),
		json_number("least", candidate->least),
	});
}
