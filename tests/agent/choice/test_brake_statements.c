/* What stands in the place of the brake's statement: of another key, of two keys, too large, over, about another rollout; and clocks
 * that are wrong. Whatever it is, the rollout alone is concerned. */
#include "agent/choice/candidates.h"
#include "agent/server/distribution.h"
#include "common/json.h"
#include "manifests/keys/canonical_json.h"
#include "tests/agent/choice/tried.h"

#define STATEMENT "publisher/repository/metadata/brake.json"
#define ANOTHER "9999999999999999999999999999999999999999999999999999999999999999"

static struct signer *key_of(struct world *world, const char *path)
{
	struct error err = {0};
	struct signer *signer;
	size_t len;
	char *pem = folder_get(&world->folder, path, &len);

	assert_non_null(pem);
	signer = signer_read(pem, len, NULL, &err);
	free(pem);
	assert_non_null(signer);
	return signer;
}

/* What the terminal decides, by what it was told last. */
static struct rollout_decision decided(struct world *world)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(candidates) struct candidates candidates = {0};
	struct error err = {0};

	if (!world->is_open)
		world_open(world);
	assert_ok(distribution_kept_catalog(&world->terminal, &catalog, &err), &err);
	assert_ok(candidates_find(&world->terminal, catalog, &candidates, &err), &err);
	assert_int_equal(candidates.count, 1);
	return candidates.items[0].decision;
}

/* The night goes on without the candidate, for this reason; another package comes. */
static void assert_waits(struct world *world, enum rollout_gate gate)
{
	world_add(world, LINKAGE, "1.0.0", CHECKS);
	world_publisher_lives_now(world);
	world_publish(world, LINKAGE "=1.0.0");
	world_delivers(world);
	assert_int_equal(decided(world).gate, gate);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	assert_string_equal(world_current(world, LINKAGE), "1.0.0");
}

static void put_statement(struct world *world, const struct brake *brake, const char *key)
{
	AUTO(signer) struct signer *signer = key_of(world, key);
	AUTO(buf) struct buf text = BUF_INIT(BRAKE_MAX_BYTES);
	struct error err = {0};

	assert_ok(brake_sign(brake, signer, &text, &err), &err);
	folder_put(&world->folder, STATEMENT, text.data, text.len);
}

/* A stranger's signature stands first; the one that was there is kept or not. */
static void sign_as_stranger(struct world *world, bool keeps_the_other)
{
	struct error err = {0};
	AUTO(signer) struct signer *stranger = signer_generate(KEY_ED25519, &err);
	AUTO(buf) struct buf canonical = BUF_INIT(BRAKE_MAX_BYTES);
	AUTO(buf) struct buf signature = BUF_INIT(8192);
	AUTO(buf) struct buf text = BUF_INIT(BRAKE_MAX_BYTES);
	AUTO(json) json_t *document = NULL;
	size_t len;
	char *bytes = folder_get(&world->folder, STATEMENT, &len);
	json_t *signatures;

	assert_non_null(bytes);
	assert_non_null(document = json_parse(bytes, len, &err));
	free(bytes);
	assert_ok(canonical_json_write(json_object_get(document, "signed"), &canonical, &err), &err);
	assert_ok(signer_sign(stranger, canonical.data, canonical.len, &signature, &err), &err);
	signatures = json_object_get(document, "signatures");
	if (!keeps_the_other)
		(void)json_array_clear(signatures);
	(void)json_array_insert_new(signatures, 0,
		json_pack("{s:s,s:s}", "keyid", signer_key_id(stranger), "sig", buf_text(&signature)));
	assert_ok(json_write_pretty(document, &text, &err), &err);
	folder_put(&world->folder, STATEMENT, text.data, text.len);
}

/* ---- Whose it is ---- */

static void test_a_strangers_statement_counts_for_nothing(void **state)
{
	struct world *world = *state;

	try_it(world);
	be_in_ring(world, "pilot");
	sign_as_stranger(world, false);
	assert_waits(world, ROLLOUT_GATE_BRAKE_ABSENT);
}

static void test_a_strangers_signature_beside_the_brakes_changes_nothing(void **state)
{
	struct world *world = *state;

	try_it(world);
	be_in_ring(world, "pilot");
	sign_as_stranger(world, true);
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* The vendor's key signs releases; it brakes nothing. */
static void test_another_key_of_the_repository_brakes_nothing(void **state)
{
	struct world *world = *state;
	struct brake_stop stop = {.package = LIBRARY, .version = "2.0.0", .digest = ANOTHER, .attempt = 1, .at_s = world->now_s, .why = "x", .by = "x"};
	const struct brake brake = {.version = world->now_s,
		.issued_s = world->now_s,
		.expires_s = world->now_s + BRAKE_LIFE_S,
		.stops = &stop,
		.stops_count = 1};

	try_it(world);
	be_in_ring(world, "pilot");
	put_statement(world, &brake, "keys/" LIBRARY ".pem");
	assert_waits(world, ROLLOUT_GATE_BRAKE_ABSENT);
}

static void test_nobody_brakes_once_the_key_was_taken_away(void **state)
{
	struct world *world = *state;

	try_it(world);
	be_in_ring(world, "pilot");
	sign_brake(world, "--stop " LIBRARY " --why mischief");
	world_does(world, JOB_CHECK);
	assert_int_equal(decided(world).gate, ROLLOUT_GATE_BRAKED);
	say(world, "brake-key --drop");
	say(world, "resume " LIBRARY);
	assert_waits(world, ROLLOUT_GATE_BRAKE_ABSENT);
}

/* ---- What it says ---- */

static void test_one_that_is_too_large_is_passed_over(void **state)
{
	struct world *world = *state;
	char *large = malloc(BRAKE_MAX_BYTES + 1);

	assert_non_null(large);
	memset(large, ' ', BRAKE_MAX_BYTES + 1);
	try_it(world);
	be_in_ring(world, "pilot");
	folder_put(&world->folder, STATEMENT, large, BRAKE_MAX_BYTES + 1);
	free(large);
	assert_waits(world, ROLLOUT_GATE_BRAKE_ABSENT);
}

/* What was heard before holds on while something else is answered. */
static void test_a_stop_that_was_heard_outlives_what_is_no_statement(void **state)
{
	struct world *world = *state;

	try_it(world);
	be_in_ring(world, "pilot");
	sign_brake(world, "--stop " LIBRARY " --why 'cameras go dark'");
	world_does(world, JOB_CHECK);
	folder_put(&world->folder, STATEMENT, "{}", 2);
	assert_waits(world, ROLLOUT_GATE_BRAKED);
}

static void test_a_stop_of_another_release_stops_nothing(void **state)
{
	struct world *world = *state;
	struct brake_stop stops[] = {
		{.package = LIBRARY, .version = "2.0.0", .digest = ANOTHER, .attempt = 1, .at_s = world->now_s, .why = "x", .by = "x"},
		{.package = LINKAGE, .version = "2.0.0", .digest = ANOTHER, .attempt = 1, .at_s = world->now_s, .why = "x", .by = "x"},
	};
	struct brake_hold hold = {.package = LIBRARY, .digest = ANOTHER, .attempt = 1, .stages = 1};
	const struct brake brake = {.version = world->now_s + 9,
		.issued_s = world->now_s,
		.expires_s = world->now_s + BRAKE_LIFE_S,
		.stops = stops,
		.stops_count = ARRAY_SIZE(stops),
		.holds = &hold,
		.holds_count = 1};

	try_it(world);
	be_in_ring(world, "pilot");
	put_statement(world, &brake, "keys/brake.pem");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* Whatever it says of its own life. */
static void test_one_that_was_signed_for_years_is_as_old_as_any_other(void **state)
{
	struct world *world = *state;
	const struct brake brake = {
		.version = world->now_s + 9, .issued_s = world->now_s - BRAKE_LIFE_S, .expires_s = world->now_s + 1000 * (int64_t)DAY_S};

	try_it(world);
	be_in_ring(world, "pilot");
	put_statement(world, &brake, "keys/brake.pem");
	assert_waits(world, ROLLOUT_GATE_BRAKE_STALE);
}

/* ---- Clocks ---- */

static void test_a_clock_that_is_ahead_waits_for_a_statement(void **state)
{
	struct world *world = *state;

	try_it(world);
	be_in_ring(world, "pilot");
	world->now_s += 2 * DAY_S;
	world_does(world, JOB_NIGHT);
	assert_int_equal(decided(world).gate, ROLLOUT_GATE_BRAKE_STALE);
	world->now_s -= 2 * DAY_S;
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* It is held to be no earlier than what the repository has signed. */
static void test_a_clock_that_is_far_behind_is_no_reason_to_wait(void **state)
{
	struct world *world = *state;

	try_it(world);
	be_in_ring(world, "pilot");
	world_add(world, LINKAGE, "1.0.0", CHECKS);
	world_publisher_lives_now(world);
	world_publish(world, LINKAGE "=1.0.0");
	world_does(world, JOB_CHECK);
	world->now_s -= 365 * (int64_t)DAY_S;
	world_does(world, JOB_NIGHT);
	assert_int_equal(decided(world).step, ROLLOUT_KEEP);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(test_a_strangers_statement_counts_for_nothing),
		TEST(test_a_strangers_signature_beside_the_brakes_changes_nothing),
		TEST(test_another_key_of_the_repository_brakes_nothing),
		TEST(test_nobody_brakes_once_the_key_was_taken_away),
		TEST(test_one_that_is_too_large_is_passed_over),
		TEST(test_a_stop_that_was_heard_outlives_what_is_no_statement),
		TEST(test_a_stop_of_another_release_stops_nothing),
		TEST(test_one_that_was_signed_for_years_is_as_old_as_any_other),
		TEST(test_a_clock_that_is_ahead_waits_for_a_statement),
		TEST(test_a_clock_that_is_far_behind_is_no_reason_to_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
