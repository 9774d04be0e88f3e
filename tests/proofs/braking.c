#include "tests/proofs/braking.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/rollout/candidates.h"
#include "tests/support/test.h"

#define DAY_S 86400
#define AWAY 12 /* per cent of nights */
#define STOPS 12
#define OPENS 55
#define DECEIVES 15

/* ---- Keys ---- */

static struct signer *read_key(const struct folder *folder, const char *name)
{
	struct error err = {0};
	struct signer *signer;
	char path[64];
	size_t len;
	char *pem;

	(void)snprintf(path, sizeof(path), "keys/%s.pem", name);
	assert_non_null(pem = folder_get(folder, path, &len));
	assert_non_null(signer = signer_read(pem, len, NULL, &err));
	free(pem);
	return signer;
}

void braking_init(struct braking *braking, const struct folder *folder, const char *const keys[static BRAKING_KEYS],
	const char *states, struct trace *trace)
{
	*braking = (struct braking){.states = states,
		.trace = trace,
		.last = BUF_INIT(BRAKE_MAX_BYTES),
		.former = BUF_INIT(BRAKE_MAX_BYTES),
		.shown = BUF_INIT(2 * BRAKE_MAX_BYTES)};
	for (size_t i = 0; i < BRAKING_KEYS; i++)
		braking->keys[i] = read_key(folder, keys[i]);
}

void braking_clear(struct braking *braking)
{
	for (size_t i = 0; i < BRAKING_KEYS; i++)
		signer_free(braking->keys[i]);
	buf_clear(&braking->last);
	buf_clear(&braking->former);
	buf_clear(&braking->shown);
}

void braking_begin(struct braking *braking, struct chance chance)
{
	braking->chance = chance;
	braking->count = 0;
	braking->version = 0;
	buf_empty(&braking->last);
	buf_empty(&braking->former);
	buf_empty(&braking->shown);
}

/* ---- What is tried, and how it goes ---- */

static struct braking_attempt *remember(
	struct braking *braking, const char *package, const struct candidate *candidate)
{
	struct braking_attempt *attempt;

	for (size_t i = 0; i < braking->count; i++)
		if (strcmp(braking->attempts[i].digest, candidate->digest) == 0 &&
			braking->attempts[i].attempt == candidate->attempt)
			return &braking->attempts[i];
	assert_true(braking->count < BRAKING_MOST);
	attempt = &braking->attempts[braking->count++];
	*attempt = (struct braking_attempt){
		.attempt = candidate->attempt, .stages = 1, .stages_count = (int64_t)candidate->stages_count};
	(void)snprintf(attempt->package, sizeof(attempt->package), "%s", package);
	(void)snprintf(attempt->version, sizeof(attempt->version), "%s", candidate->version);
	(void)snprintf(attempt->digest, sizeof(attempt->digest), "%s", candidate->digest);
	return attempt;
}

static void judge(struct braking *braking, struct braking_attempt *attempt, int64_t now_s, bool is_well)
{
	if (is_well)
		attempt->stages = attempt->stages_count;
	else if (chance_is(&braking->chance, STOPS) && !attempt->stopped_s)
		attempt->stopped_s = now_s;
	else if (chance_is(&braking->chance, OPENS) && attempt->stages < attempt->stages_count)
		attempt->stages++;
}

/* ---- Statements ---- */

static void sign(struct braking *braking, struct brake *brake, size_t key, struct buf *ret_text)
{
	struct error err = {0};

	buf_empty(ret_text);
	assert_ok(brake_sign(brake, braking->keys[key], ret_text, &err), &err);
	trace_note(braking->trace, "the brake's statement %" PRId64 " of %" PRId64 ": %zu stops, %zu holds",
		brake->version, brake->issued_s, brake->stops_count, brake->holds_count);
}

static void say(const struct braking_attempt *attempt, struct brake *brake)
{
	if (attempt->stopped_s)
		brake->stops[brake->stops_count++] = (struct brake_stop){
			.package = attempt->package,
			.version = attempt->version,
			.digest = attempt->digest,
			.attempt = attempt->attempt,
			.at_s = attempt->stopped_s,
			.why = "mischief",
			.by = "silent",
		};
	else
		brake->holds[brake->holds_count++] = (struct brake_hold){
			.package = attempt->package,
			.digest = attempt->digest,
			.attempt = attempt->attempt,
			.stages = attempt->stages,
		};
}

/* As collector/rollout/brake_statement.c does, of what the catalog names. */
static void renew(struct braking *braking, int state, size_t key, int64_t now_s, bool is_well)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	struct brake_stop stops[BRAKING_MOST];
	struct brake_hold holds[BRAKING_MOST];
	struct brake brake = {.stops = stops, .holds = holds, .issued_s = now_s, .expires_s = now_s + BRAKE_LIFE_S};
	struct error err = {0};
	char repository[FOLDER_PATH_SIZE * 2];
	struct buf former = braking->former;

	(void)snprintf(repository, sizeof(repository), "%s/%d", braking->states, state);
	assert_ok(candidates_read(repository, &catalog, &err), &err);
	for (size_t i = 0; i < catalog->packages_count; i++) {
		const struct catalog_package *package = &catalog->packages[i];

		if (!package->candidate)
			continue;
		struct braking_attempt *attempt = remember(braking, package->name, package->candidate);

		judge(braking, attempt, now_s, is_well);
		say(attempt, &brake);
	}
	brake.version = braking->version = now_s > braking->version ? now_s : braking->version + 1;
	braking->former = braking->last;
	braking->last = former;
	sign(braking, &brake, key, &braking->last);
}

/* ---- Others answer in its place ---- */

enum deceit {
	NOTHING,    /* there is no statement */
	REPLAYED,   /* one that was good before */
	TOO_LARGE,
	OVER,	    /* signed by who may, and its time is over */
	THIEFS,	    /* with the key itself: nothing is stopped, all is open */
	STRANGERS,  /* the same with a key that may not, or may no more */
	OF_ANOTHER, /* of other releases of the same packages */
	DECEITS,
};

/* A stop of each package that is tried, of a release that nobody tries. */
static void stop_others(struct braking *braking, struct brake *brake)
{
	static const char digest[] = "9999999999999999999999999999999999999999999999999999999999999999";

	for (size_t i = 0; i < braking->count; i++)
		brake->stops[brake->stops_count++] = (struct brake_stop){
			.package = braking->attempts[i].package,
			.version = "9.9.9",
			.digest = digest,
			.attempt = CANDIDATE_MAX_ATTEMPT,
			.at_s = brake->issued_s,
			.why = "mischief",
			.by = "a thief",
		};
}

static void forge(struct braking *braking, enum deceit deceit, size_t key, int64_t now_s)
{
	int64_t issued_s = deceit == OVER ? now_s - 10 * DAY_S : now_s;
	struct brake_stop stops[BRAKING_MOST];
	struct brake brake = {
		.version = ++braking->version, .issued_s = issued_s, .expires_s = issued_s + BRAKE_LIFE_S, .stops = stops};

	if (deceit == OF_ANOTHER)
		stop_others(braking, &brake);
	sign(braking, &brake, deceit == STRANGERS ? (key + 1) % BRAKING_KEYS : key, &braking->shown);
}

static void copy(const struct buf *from, struct buf *to)
{
	struct error err = {0};

	buf_empty(to);
	assert_ok(buf_append(to, buf_text(from), from->len, &err), &err);
}

static void deceive(struct braking *braking, size_t key, int64_t now_s)
{
	enum deceit deceit = (enum deceit)chance_below(&braking->chance, DECEITS);
	struct error err = {0};

	trace_note(braking->trace, "the brake: deceit %d", (int)deceit);
	buf_empty(&braking->shown);
	switch (deceit) {
	case NOTHING:
		break;
	case REPLAYED:
		copy(&braking->former, &braking->shown);
		break;
	case TOO_LARGE:
		for (size_t i = 0; i <= BRAKE_MAX_BYTES / 64; i++)
			assert_ok(buf_printf(&braking->shown, &err, "%64s", "{"), &err);
		break;
	default:
		forge(braking, deceit, key, now_s);
	}
}

void braking_night(struct braking *braking, int state, size_t key, int64_t now_s, bool is_well)
{
	if (is_well || !chance_is(&braking->chance, AWAY))
		renew(braking, state, key, now_s, is_well);
	if (!is_well && chance_is(&braking->chance, DECEIVES))
		deceive(braking, key, now_s);
	else
		copy(&braking->last, &braking->shown);
}
