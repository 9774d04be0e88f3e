#include "manifests/rollout/brake.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/digest.h"
#include "common/json.h"
#include "common/text.h"
#include "manifests/base/arena.h"
#include "manifests/base/package.h"
#include "manifests/keys/canonical_json.h"
#include "manifests/tuf/metadata.h"

#define SPEC_VERSION "1.0.34"
#define SIGNATURE_MAX_BYTES (2 * SIGNER_SIGNATURE_MAX_BYTES + 1)

const char *brake_state_name(enum brake_state state)
{
	static const char *const names[] = {
		[BRAKE_ABSENT] = "absent",
		[BRAKE_STALE] = "stale",
		[BRAKE_GOOD] = "good",
		[BRAKE_STOPPED] = "stopped",
	};

	return names[state];
}

void brake_free(struct brake *brake)
{
	if (!brake)
		return;
	if (brake->memory) {
		free(brake->stops);
		free(brake->holds);
		arena_free(brake->memory);
	}
	free(brake);
}

/* ---- Rules, for what is read and for what is about to be signed ---- */

static int check_text(const char *name, const char *text, struct error *err)
{
	if (strlen(text) > BRAKE_MAX_WHY_BYTES || text_find_acting(text) || strchr(text, '\n'))
		return error_set(err, ERROR_INPUT, "member '%s' is longer than %d bytes, or no plain line", name,
			BRAKE_MAX_WHY_BYTES);
	return 0;
}

static int check_stop(const struct brake_stop *stop, struct error *err)
{
	struct sha256 digest;

	if (package_check_name(stop->package, err) < 0 || version_check(stop->version, err) < 0 ||
		sha256_parse(stop->digest, &digest, err) < 0 || check_text("why", stop->why, err) < 0)
		return -1;
	return check_text("by", stop->by, err);
}

static int check_hold(const struct brake_hold *hold, struct error *err)
{
	struct sha256 digest;

	if (hold->stages < 1 || hold->stages > CANDIDATE_MAX_STAGES)
		return error_set(err, ERROR_INPUT, "it lets %" PRId64 " stages open, not 1 to %d", hold->stages,
			CANDIDATE_MAX_STAGES);
	return package_check_name(hold->package, err) < 0 ? -1 : sha256_parse(hold->digest, &digest, err);
}

static int check_brake(const struct brake *brake, struct error *err)
{
	if (brake->stops_count > BRAKE_MAX_STOPS || brake->holds_count > BRAKE_MAX_STOPS)
		return error_set(err, ERROR_INPUT, "it stops %zu releases and holds %zu; %d may be of each",
			brake->stops_count, brake->holds_count, BRAKE_MAX_STOPS);
	if (brake->issued_s >= brake->expires_s)
		return error_set(err, ERROR_INPUT, "it was issued when it had expired");
	for (size_t i = 0; i < brake->stops_count; i++)
		if (check_stop(&brake->stops[i], err) < 0)
			return error_context(err, "stop %zu", i + 1);
	for (size_t i = 0; i < brake->holds_count; i++)
		if (check_hold(&brake->holds[i], err) < 0)
			return error_context(err, "hold %zu", i + 1);
	return 0;
}

/* ---- Reading ---- */

static int read_stop(struct arena *memory, struct brake_stop *stop, const json_t *json, struct error *err)
{
	const char *at, *why = "";

	if (!json_is_object(json))
		return error_set(err, ERROR_INPUT, "not an object");
	if (arena_keep_member(memory, json, "package", &stop->package, err) < 0 ||
		arena_keep_member(memory, json, "version", &stop->version, err) < 0 ||
		arena_keep_member(memory, json, "digest", &stop->digest, err) < 0 ||
		arena_keep_member(memory, json, "by", &stop->by, err) < 0 ||
		json_want_integer(json, "attempt", 1, INT64_MAX, &stop->attempt, err) < 0 ||
		json_may_string(json, "why", &why, err) < 0 || arena_keep(memory, why, &stop->why, err) < 0 ||
		json_want_string(json, "at", &at, err) < 0)
		return -1;
	return clock_parse(at, &stop->at_s, err) < 0 ? error_context(err, "member 'at'") : 0;
}

static int read_stops(struct brake *brake, const json_t *json, struct error *err)
{
	const json_t *stops, *stop;
	size_t i;

	if (json_want_array(json, "stopped", &stops, err) < 0)
		return -1;
	if (json_array_size(stops) > BRAKE_MAX_STOPS)
		return error_set(err, ERROR_INPUT, "it stops %zu releases; %d may be", json_array_size(stops),
			BRAKE_MAX_STOPS);
	if (!(brake->stops = calloc(json_array_size(stops) + 1, sizeof(*brake->stops))))
		return error_set(err, ERROR_FAILED, "no memory for %zu stops", json_array_size(stops));
	json_array_foreach (stops, i, stop) {
		if (read_stop(brake->memory, &brake->stops[i], stop, err) < 0)
			return error_context(err, "stop %zu", i + 1);
		brake->stops_count = i + 1;
	}
	return 0;
}

static int read_hold(struct arena *memory, struct brake_hold *hold, const json_t *json, struct error *err)
{
	if (!json_is_object(json))
		return error_set(err, ERROR_INPUT, "not an object");
	if (arena_keep_member(memory, json, "package", &hold->package, err) < 0 ||
		arena_keep_member(memory, json, "digest", &hold->digest, err) < 0 ||
		json_want_integer(json, "attempt", 1, INT64_MAX, &hold->attempt, err) < 0)
		return -1;
	return json_want_integer(json, "stages", 1, CANDIDATE_MAX_STAGES, &hold->stages, err);
}

/* May be missing: whoever has no judge holds nothing. */
static int read_holds(struct brake *brake, const json_t *json, struct error *err)
{
	const json_t *holds = json_object_get(json, "held"), *hold;
	size_t i;

	if (!holds)
		return 0;
	if (!json_is_array(holds) || json_array_size(holds) > BRAKE_MAX_STOPS)
		return error_set(err, ERROR_INPUT, "member 'held' is no array of at most %d", BRAKE_MAX_STOPS);
	if (!(brake->holds = calloc(json_array_size(holds) + 1, sizeof(*brake->holds))))
		return error_set(err, ERROR_FAILED, "no memory for %zu holds", json_array_size(holds));
	json_array_foreach (holds, i, hold) {
		if (read_hold(brake->memory, &brake->holds[i], hold, err) < 0)
			return error_context(err, "hold %zu", i + 1);
		brake->holds_count = i + 1;
	}
	return 0;
}

static int read_brake(struct brake *brake, const struct metadata *metadata, struct error *err)
{
	const json_t *haishin;

	if (!(brake->memory = arena_new(err)) || json_want_object(metadata->body, "haishin", &haishin, err) < 0)
		return -1;
	brake->version = metadata->version;
	brake->expires_s = metadata->expires_s;
	brake->issued_s = metadata->issued_s;
	if (!brake->issued_s)
		return error_set(err, ERROR_INPUT, "it does not say when it was issued");
	if (read_stops(brake, haishin, err) < 0 || read_holds(brake, haishin, err) < 0)
		return -1;
	return check_brake(brake, err);
}

int brake_parse(const void *data, size_t len, struct brake **ret_brake, struct error *err)
{
	AUTO(metadata) struct metadata *metadata = NULL;
	AUTO(brake) struct brake *brake = calloc(1, sizeof(*brake));

	if (!brake)
		return error_set(err, ERROR_FAILED, "no memory for a statement of the brake");
	if (len > BRAKE_MAX_BYTES)
		return error_set(err, ERROR_REFUSED, "%s: %zu bytes are more than the %u allowed", BRAKE_ROLE, len,
			BRAKE_MAX_BYTES);
	if (metadata_parse(data, len, BRAKE_ROLE, "targets", &metadata, err) < 0)
		return -1;
	if (read_brake(brake, metadata, err) < 0)
		return metadata_malformed(BRAKE_ROLE, err);
	*ret_brake = take_ptr(&brake);
	return 0;
}

/* ---- Signing ---- */

static json_t *pack_stops(const struct brake *brake)
{
	json_t *stops = json_array();

	for (size_t i = 0; i < brake->stops_count; i++) {
		const struct brake_stop *stop = &brake->stops[i];
		char at[CLOCK_TEXT_SIZE];

		if (json_array_append_new(stops, JSON_OBJECT({
							 json_text("package", stop->package),
							 json_text("version", stop->version),
							 json_text("digest", stop->digest),
							 json_number("attempt", stop->attempt),
							 json_text("at", clock_text(stop->at_s, at)),
							 json_text("why", stop->why),
							 json_text("by", stop->by),
						 })) < 0) {
			json_decref(stops);
			return NULL;
		}
	}
	return stops;
}

static json_t *pack_holds(const struct brake *brake)
{
	json_t *holds = json_array();

	for (size_t i = 0; i < brake->holds_count; i++) {
		const struct brake_hold *hold = &brake->holds[i];

		if (json_array_append_new(holds, JSON_OBJECT({
							 json_text("package", hold->package),
							 json_text("digest", hold->digest),
							 json_number("attempt", hold->attempt),
							 json_number("stages", hold->stages),
						 })) < 0) {
			json_decref(holds);
			return NULL;
		}
	}
	return holds;
}

static json_t *pack_body(const struct brake *brake, struct error *err)
{
	char issued[CLOCK_TEXT_SIZE], expires[CLOCK_TEXT_SIZE];

	return JSON_OBJECT({
		json_blame(err),
		json_text("_type", "targets"),
		json_text("spec_version", SPEC_VERSION),
		json_number("version", brake->version),
		json_text("expires", clock_text(brake->expires_s, expires)),
		json_take("targets", json_object()),
		json_take("haishin", JSON_OBJECT({
					     json_text("issued", clock_text(brake->issued_s, issued)),
					     json_take("stopped", pack_stops(brake)),
					     json_take("held", pack_holds(brake)),
				     })),
	});
}

int brake_sign(const struct brake *brake, const struct signer *signer, struct buf *ret_json, struct error *err)
{
	AUTO(buf) struct buf canonical = BUF_INIT(BRAKE_MAX_BYTES);
	AUTO(buf) struct buf signature = BUF_INIT(SIGNATURE_MAX_BYTES);
	AUTO(json) json_t *body = NULL;
	AUTO(json) json_t *document = NULL;

	if (brake->version < 1)
		return error_set(err, ERROR_INPUT, "brake: version %" PRId64 " is below 1", brake->version);
	if (check_brake(brake, err) < 0)
		return error_context(err, "brake");
	if (!(body = pack_body(brake, err)) || canonical_json_write(body, &canonical, err) < 0 ||
		signer_sign(signer, canonical.data, canonical.len, &signature, err) < 0)
		return -1;
	document = JSON_OBJECT({
		json_blame(err),
		json_take("signatures", json_pack("[{s:s,s:s}]", "keyid", signer_key_id(signer), "sig",
						buf_text(&signature))),
		json_share("signed", body),
	});
	return document ? json_write_pretty(document, ret_json, err) : -1;
}

/* ---- What it says ---- */

static const struct brake_stop *find_stop(
	const struct brake *brake, const char *package, const struct candidate *candidate)
{
	for (size_t i = 0; i < brake->stops_count; i++) {
		const struct brake_stop *stop = &brake->stops[i];

		if (strcmp(stop->package, package) == 0 && strcmp(stop->digest, candidate->digest) == 0 &&
			stop->attempt >= candidate->attempt)
			return stop;
	}
	return NULL;
}

/* Whatever it says of its own end: one that was signed to be believed for years is as old as any other. */
static bool is_fresh(const struct brake *brake, int64_t now_s)
{
	return now_s < brake->expires_s && (now_s < brake->issued_s || now_s - brake->issued_s < BRAKE_LIFE_S);
}

enum brake_state brake_ask(const struct brake *brake, const char *package, const struct candidate *candidate,
	int64_t now_s, const struct brake_stop **ret_stop)
{
	const struct brake_stop *stop = brake ? find_stop(brake, package, candidate) : NULL;

	if (ret_stop)
		*ret_stop = stop;
	if (stop)
		return BRAKE_STOPPED;
	if (!brake)
		return BRAKE_ABSENT;
	return is_fresh(brake, now_s) ? BRAKE_GOOD : BRAKE_STALE;
}

int64_t brake_stages_let(const struct brake *brake, const char *package, const struct candidate *candidate)
{
	for (size_t i = 0; brake && i < brake->holds_count; i++) {
		const struct brake_hold *hold = &brake->holds[i];

		if (strcmp(hold->package, package) == 0 && strcmp(hold->digest, candidate->digest) == 0 &&
			hold->attempt == candidate->attempt)
			return hold->stages;
	}
	return 0;
}
