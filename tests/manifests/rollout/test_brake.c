#include "tests/support/test.h"

#include <stdio.h>

#include "manifests/rollout/brake.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define NOW_S INT64_C(1796040000)
#define HOUR_S INT64_C(3600)

static struct brake_stop stop_of(const char *package, const char *digest, int64_t attempt)
{
	return (struct brake_stop){.package = package,
		.version = "5.1.0",
		.digest = digest,
		.attempt = attempt,
		.at_s = NOW_S - HOUR_S,
		.why = "cameras go dark",
		.by = "silent"};
}

static struct brake *signed_and_read(const struct brake *brake)
{
	AUTO(buf) struct buf text = BUF_INIT(BRAKE_MAX_BYTES);
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, &err);
	struct brake *read = NULL;

	assert_non_null(signer);
	assert_ok(brake_sign(brake, signer, &text, &err), &err);
	assert_ok(brake_parse(buf_text(&text), text.len, &read, &err), &err);
	return read;
}

TEST_CASE(test_reads_what_it_signed)
{
	struct brake_stop stop = stop_of("face-library", DIGEST, 2);
	const struct brake said = {
		.version = 7, .issued_s = NOW_S, .expires_s = NOW_S + BRAKE_LIFE_S, .stops = &stop, .stops_count = 1};
	AUTO(brake) struct brake *read = signed_and_read(&said);

	assert_int_equal(read->version, 7);
	assert_int_equal(read->issued_s, NOW_S);
	assert_int_equal(read->expires_s, NOW_S + BRAKE_LIFE_S);
	assert_int_equal(read->stops_count, 1);
	assert_string_equal(read->stops[0].package, "face-library");
	assert_string_equal(read->stops[0].version, "5.1.0");
	assert_string_equal(read->stops[0].digest, DIGEST);
	assert_int_equal(read->stops[0].attempt, 2);
	assert_int_equal(read->stops[0].at_s, NOW_S - HOUR_S);
	assert_string_equal(read->stops[0].why, "cameras go dark");
	assert_string_equal(read->stops[0].by, "silent");
}

/* Which attempts of which release a stop holds for, and how long a statement is one. */
TEST_CASE(test_what_it_says_of_a_candidate)
{
	static const struct {
		const char *what, *package, *digest;
		int64_t attempt, age_s, life_s;
		enum brake_state says;
	} rows[] = {
		{"another package", "linkage-app", DIGEST, 1, 0, BRAKE_LIFE_S, BRAKE_GOOD},
		{"another release of it", "face-library", OTHER, 1, 0, BRAKE_LIFE_S, BRAKE_GOOD},
		{"the attempt that it names", "face-library", DIGEST, 2, 0, BRAKE_LIFE_S, BRAKE_STOPPED},
		{"one before", "face-library", DIGEST, 1, 0, BRAKE_LIFE_S, BRAKE_STOPPED},
		{"the next one", "face-library", DIGEST, 3, 0, BRAKE_LIFE_S, BRAKE_GOOD},
		{"an old statement that stops it", "face-library", DIGEST, 2, 400 * HOUR_S, BRAKE_LIFE_S, BRAKE_STOPPED},
		{"an old one that does not", "face-library", DIGEST, 3, 36 * HOUR_S, BRAKE_LIFE_S, BRAKE_STALE},
		{"a second earlier", "face-library", DIGEST, 3, 36 * HOUR_S - 1, BRAKE_LIFE_S, BRAKE_GOOD},
		{"one that ends earlier by its own word", "face-library", DIGEST, 3, HOUR_S, HOUR_S, BRAKE_STALE},
		{"one that would last for years", "face-library", DIGEST, 3, 37 * HOUR_S, 90000 * HOUR_S, BRAKE_STALE},
		{"a clock that is behind", "face-library", DIGEST, 3, -100 * HOUR_S, BRAKE_LIFE_S, BRAKE_GOOD},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct brake_stop stop = stop_of("face-library", DIGEST, 2);
		const struct brake said = {.version = 1,
			.issued_s = NOW_S,
			.expires_s = NOW_S + rows[i].life_s,
			.stops = &stop,
			.stops_count = 1};
		const struct candidate candidate = {.digest = rows[i].digest, .attempt = rows[i].attempt};
		const struct brake_stop *found;

		if (brake_ask(&said, rows[i].package, &candidate, NOW_S + rows[i].age_s, &found) != rows[i].says)
			fail_msg("%s: not %s", rows[i].what, brake_state_name(rows[i].says));
		assert_int_equal(found != NULL, rows[i].says == BRAKE_STOPPED);
	}
}

TEST_CASE(test_holds_the_stages_of_one_attempt)
{
	struct brake_hold hold = {.package = "face-library", .digest = DIGEST, .attempt = 2, .stages = 3};
	const struct brake said = {
		.version = 7, .issued_s = NOW_S, .expires_s = NOW_S + BRAKE_LIFE_S, .holds = &hold, .holds_count = 1};
	AUTO(brake) struct brake *read = signed_and_read(&said);
	const struct candidate here = {.digest = DIGEST, .attempt = 2}, next = {.digest = DIGEST, .attempt = 3},
			       other = {.digest = OTHER, .attempt = 2};

	assert_int_equal(brake_ask(read, "face-library", &here, NOW_S, NULL), BRAKE_GOOD);
	assert_int_equal(brake_stages_let(read, "face-library", &here), 3);
	assert_int_equal(brake_stages_let(read, "face-library", &next), 0);
	assert_int_equal(brake_stages_let(read, "face-library", &other), 0);
	assert_int_equal(brake_stages_let(read, "linkage-app", &here), 0);
	assert_int_equal(brake_stages_let(NULL, "face-library", &here), 0);
}

TEST_CASE(test_says_nothing_where_there_is_none)
{
	const struct candidate candidate = {.digest = DIGEST, .attempt = 1};

	assert_int_equal(brake_ask(NULL, "face-library", &candidate, NOW_S, NULL), BRAKE_ABSENT);
}

TEST_CASE(test_signs_nothing_that_would_not_be_read)
{
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, &err);
	struct brake_stop stops[] = {stop_of("../x", DIGEST, 1), stop_of("face-library", "77", 1),
		stop_of("face-library", DIGEST, 1)};

	stops[2].why = "two\nlines";
	for (size_t i = 0; i < ARRAY_SIZE(stops); i++) {
		AUTO(buf) struct buf text = BUF_INIT(BRAKE_MAX_BYTES);
		const struct brake said = {.version = 1,
			.issued_s = NOW_S,
			.expires_s = NOW_S + 1,
			.stops = &stops[i],
			.stops_count = 1};

		assert_int_equal(brake_sign(&said, signer, &text, &err), -1);
		assert_int_equal(err.code, ERROR_INPUT);
	}
}

#define STATEMENT(rest)                                                                                              \
	"{\"signatures\": [], \"signed\": {\"_type\": \"targets\", \"spec_version\": \"1.0.34\", \"version\": 1, "     \
	"\"expires\": \"2026-12-02T00:00:00Z\", \"targets\": {}" rest "}}"
#define OURS(rest) ", \"haishin\": {\"issued\": \"2026-12-01T00:00:00Z\", \"stopped\": " rest "}"
#define STOP(rest)                                                                                                   \
	"[{\"package\": \"x\", \"version\": \"1\", \"digest\": \"" DIGEST "\", \"by\": \"silent\", \"attempt\": 1, "    \
	"\"at\": \"2026-12-01T00:00:00Z\"" rest "}]"

TEST_CASE(test_refuses_what_breaks_a_rule)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{"[]", "malformed metadata: brake"},
		{STATEMENT(""), "'haishin' is missing"},
		{STATEMENT(", \"haishin\": {\"stopped\": []}"), "when it was issued"},
		{STATEMENT(", \"haishin\": {\"issued\": \"2026-12-03T00:00:00Z\", \"stopped\": []}"), "when it had expired"},
		{STATEMENT(", \"haishin\": {\"issued\": \"2026-12-01T00:00:00Z\"}"), "'stopped' is missing"},
		{STATEMENT(OURS("[7]")), "stop 1: not an object"},
		{STATEMENT(OURS("[{}]")), "'package' is missing"},
		{STATEMENT(OURS(STOP(", \"attempt\": 2"))), "malformed metadata: brake"},
		{STATEMENT(OURS(STOP(", \"why\": 7"))), "'why' is not a string"},
		{STATEMENT(OURS(STOP(", \"why\": \"\\u202e\""))), "no plain line"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct brake *brake = NULL;
		struct error err = {0};

		assert_int_equal(brake_parse(rows[i].text, strlen(rows[i].text), &brake, &err), -1);
		if (!strstr(err.text, rows[i].says))
			fail_msg("row %zu: '%s' does not say '%s'", i, err.text, rows[i].says);
	}
}

TESTS(NULL, NULL)
