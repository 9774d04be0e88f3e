/* A release that is being tried: what holds and stops it, and what becomes of it where it is. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/restart/rollout_heed.h"
#include "agent/server/distribution.h"
#include "agent/status/explain.h"
#include "rollback/plan.h"
#include "tests/agent/choice/told.h"
#include "tests/agent/choice/tried.h"

/* ---- The brake ---- */

/* Without a statement nobody takes a candidate, and all else goes on. */
TEST_CASE(test_without_a_statement_it_waits_and_nothing_else_does)
{
	struct world *world = *state;

	be_ready(world);
	world_add(world, LINKAGE, "1.0.0", CHECKS);
	world_repo(world, "catalog set " LINKAGE "=1.0.0");
	world_repo(world, "rollout begin " LIBRARY "=2.0.0 --stage %s=ring:pilot", day(world, 0));
	world_repo(world, "publish");
	be_in_ring(world, "pilot");
	world_delivers(world);
	assert_string_equal(world_current(world, LINKAGE), "1.0.0");
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_BRAKE_ABSENT);
	assert_outside(world, "brake");
}

TEST_CASE(test_a_stale_statement_keeps_it_waiting)
{
	struct world *world = *state;

	try_it(world);
	be_in_ring(world, "pilot");
	world->now_s += 2 * DAY_S;
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_BRAKE_STALE);
	assert_outside(world, "brake");
	sign_brake(world, "");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* The collector lets the stages after the first open once those that took it are shown to be well. */
TEST_CASE(test_a_stage_that_the_brake_holds_waits)
{
	struct world *world = *state;
	AUTO(buf) struct buf text = BUF_INIT(BRAKE_MAX_BYTES);
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(signer) struct signer *signer = NULL;
	struct brake_hold hold = {.package = LIBRARY, .attempt = 1, .stages = 1};
	struct brake said = {.holds = &hold, .holds_count = 1};
	struct error err = {0};
	size_t len;
	char *key;

	try_it(world);
	world_does(world, JOB_NIGHT);
	assert_ok(distribution_kept_catalog(&world->terminal, &catalog, &err), &err);
	hold.digest = catalog_find(catalog, LIBRARY)->candidate->digest;
	world->now_s += 2 * DAY_S;
	said.issued_s = said.version = world->now_s;
	said.expires_s = world->now_s + BRAKE_LIFE_S;
	key = folder_get(&world->folder, "keys/brake.pem", &len);
	assert_non_null(signer = signer_read(key, len, NULL, &err));
	free(key);
	assert_ok(brake_sign(&said, signer, &text, &err), &err);
	folder_put(&world->folder, "publisher/repository/metadata/brake.json", text.data, text.len);
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_HELD);
	assert_outside(world, "brake");
	world->now_s += 60;
	sign_brake(world, "");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* Nobody takes its report: it comes again with it in this night where a candidate is on its way, of which it tells. */
TEST_CASE(test_a_report_that_nobody_took_is_owed_while_a_candidate_is_tried)
{
	struct world *world = *state;
	struct job_result result;
	struct error err = {0};

	world_serve(world, "");
	be_ready(world);
	free(world->config.report_url);
	assert_non_null(world->config.report_url = strdup("https://localhost:1/reports"));
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_true(result.contact);
	assert_false(result.owes_report);
	world_repo(world, "rollout begin " LIBRARY "=2.0.0 --stage %s=ring:pilot", day(world, 9));
	world_repo(world, "publish");
	world->now_s += DAY_S;
	assert_ok(world_run(world, JOB_NIGHT, &result, &err), &err);
	assert_true(result.owes_report);
}

TEST_CASE(test_without_a_brake_dates_alone_count)
{
	struct world *world = *state;

	be_ready(world);
	world_repo(world, "rollout begin " LIBRARY "=2.0.0 --no-brake --stage %s=ring:pilot", day(world, 0));
	world_repo(world, "publish");
	be_in_ring(world, "pilot");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

TEST_CASE(test_explain_shows_the_brake)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};
	struct explanation explanation = {0};

	try_it(world);
	world_does(world, JOB_NIGHT);
	told_look(world, &status);
	told_explain(world, &status, &explanation);
	assert_true(explanation.gates[EXPLAIN_BRAKE].open);
	assert_non_null(strstr(explanation.gates[EXPLAIN_BRAKE].value, "good, 20"));
	assert_int_equal(strncmp(explanation.gates[EXPLAIN_BRAKE].source, "brake ", 6), 0);
	assert_non_null(strstr(explanation.gates[EXPLAIN_ROLLOUT].value, "1/2 -> 20"));
}

TEST_CASE(test_a_stopped_one_that_is_staged_is_taken_out)
{
	struct world *world = *state;
	AUTO(free) struct plan *plan = NULL;
	AUTO(status) struct status status = {0};

	try_it(world);
	be_in_ring(world, "pilot");
	world_does(world, JOB_NIGHT);
	assert_int_equal(world_delivery(world, LIBRARY), DELIVERY_STAGED);
	sign_brake(world, "--stop " LIBRARY " --why 'cameras go dark'");
	world_does(world, JOB_CHECK);
	plan = world_plan(world);
	assert_int_equal(plan->count, 0);
	assert_int_equal(world_delivery(world, LIBRARY), DELIVERY_FAILED);
	assert_int_equal(world_history(world, "rollout", LIBRARY, "stopped"), 1);
	told_look(world, &status);
	assert_int_equal(status.judgement.verdict, STATUS_UP_TO_DATE);
	assert_string_equal(told_of(&status)->candidate.why, "cameras go dark");
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	world_does(world, JOB_NIGHT);
	assert_int_equal(world_delivery(world, LIBRARY), DELIVERY_FAILED);
}

/* The power went while it was fetched. */
TEST_CASE(test_half_of_a_stopped_one_is_thrown_away)
{
	struct world *world = *state;
	char digest[SHA256_HEX_SIZE], folder[PACKAGE_FOLDER_SIZE], partial[PACKAGE_FOLDER_SIZE + 64], *json;
	struct delivery delivery;
	struct error err = {0};
	struct sha256 sum;
	size_t len;

	try_it(world);
	be_in_ring(world, "pilot");
	assert_non_null(json = folder_get(&world->folder, "packed/" LIBRARY "-2.0.0.json", &len));
	sha256_of(json, len, &sum);
	free(json);
	package_release_folder("2.0.0", sha256_hex(&sum, digest), folder);
	(void)snprintf(partial, sizeof(partial), LIBRARY "/versions/.%s.partial", folder);
	if (!world->is_open)
		world_open(world);
	assert_ok(delivery_plan(world->terminal.store, LIBRARY, "2.0.0", digest, 0, &delivery, &err), &err);
	assert_ok(delivery_begin(world->terminal.store, &delivery, 10, &err), &err);
	assert_int_equal(mkdirat(world->terminal.packages_dir_fd, partial, 0700), 0);
	sign_brake(world, "--stop " LIBRARY " --why 'cameras go dark'");
	world_does(world, JOB_NIGHT);
	assert_int_equal(world_delivery(world, LIBRARY), DELIVERY_FAILED);
	assert_int_equal(faccessat(world->terminal.packages_dir_fd, partial, F_OK, 0), -1);
}

TEST_CASE(test_a_stopped_one_that_is_current_stays)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};

	try_it(world);
	be_in_ring(world, "pilot");
	world_delivers(world);
	sign_brake(world, "--stop " LIBRARY " --why 'cameras go dark'");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
	assert_decided(world, ROLLOUT_KEEP, ROLLOUT_GATE_BRAKED);
	told_look(world, &status);
	assert_int_equal(status.judgement.verdict, STATUS_UP_TO_DATE);
}

/* Whoever holds the key can stop, and not take it back: that is the operator's. */
TEST_CASE(test_what_was_stopped_only_the_operator_resumes)
{
	struct world *world = *state;

	try_it(world);
	be_in_ring(world, "pilot");
	sign_brake(world, "--stop " LIBRARY " --why 'cameras go dark'");
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_BRAKED);
	assert_int_equal(unlinkat(world->folder.fd, "publisher/repository/metadata/brake.json", 0), 0);
	world->now_s += 60;
	sign_brake(world, ""); /* one that says nothing of it */
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_BRAKED);
	say(world, "resume " LIBRARY);
	world->now_s += 60;
	sign_brake(world, "");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

TEST_CASE(test_an_older_statement_is_refused)
{
	struct world *world = *state;
	size_t len;
	char *former;

	try_it(world);
	be_in_ring(world, "pilot");
	former = folder_get(&world->folder, "publisher/repository/metadata/brake.json", &len);
	world->now_s += 60;
	sign_brake(world, "--stop " LIBRARY " --why 'cameras go dark'");
	world_does(world, JOB_CHECK);
	folder_put(&world->folder, "publisher/repository/metadata/brake.json", former, len);
	free(former);
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_BRAKED);
}

TEST_CASE(test_a_key_that_was_taken_away_says_nothing)
{
	struct world *world = *state;
	size_t len;
	char *thiefs;

	try_it(world);
	be_in_ring(world, "pilot");
	sign_brake(world, "--stop " LIBRARY " --why mischief");
	thiefs = folder_get(&world->folder, "publisher/repository/metadata/brake.json", &len);
	world_does(world, JOB_CHECK);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_BRAKED);
	let_brake(world, "brake2");
	say(world, "resume " LIBRARY);
	folder_put(&world->folder, "publisher/repository/metadata/brake.json", thiefs, len);
	free(thiefs);
	world_does(world, JOB_CHECK);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_BRAKE_ABSENT);
	sign_brake(world, "");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* A stolen key names what it likes: the stable release comes all the same, and no clock moves. */
TEST_CASE(test_a_stolen_key_changes_nothing_but_candidates)
{
	struct world *world = *state;
	int64_t floor_s;

	try_it(world);
	world_does(world, JOB_CHECK);
	floor_s = kept_brake_now_s(&world->terminal);
	world->publisher_ahead_s = world->now_s - time(NULL) + 300 * DAY_S;
	world_repo(world, "rollout brake-sign --stop " LIBRARY " --why mischief");
	world_does(world, JOB_CHECK);
	assert_int_equal(kept_brake_now_s(&world->terminal), floor_s);
	world_add(world, LIBRARY, "1.1.0", CHECKS);
	world_publisher_lives_now(world);
	world_publish(world, LIBRARY "=1.1.0");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "1.1.0");
}

/* ---- The operator ---- */

TEST_CASE(test_a_recalled_one_goes_back_at_the_next_restart)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};

	try_it(world);
	be_in_ring(world, "pilot");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
	say(world, "stop " LIBRARY " --recall --why 'cameras go dark'");
	world_does(world, JOB_NIGHT);
	told_look(world, &status);
	assert_int_equal(status.judgement.verdict, STATUS_RESTART);
	assert_int_equal(status.judgement.reason, STATUS_RECALLED);
	assert_int_equal(world_history(world, "rollout", LIBRARY, "begun"), 1);
	world_does(world, JOB_NIGHT); /* a second night makes no second row */
	assert_int_equal(world_history(world, "rollout", LIBRARY, "begun"), 1);
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_STOPPED);
	told_look(world, &status);
	assert_int_equal(status.judgement.verdict, STATUS_UP_TO_DATE);
	say(world, "resume " LIBRARY);
	sign_brake(world, "");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

TEST_CASE(test_what_only_waits_for_a_restart_is_taken_out_by_a_recall)
{
	struct world *world = *state;

	try_it(world);
	be_in_ring(world, "pilot");
	world_does(world, JOB_NIGHT);
	say(world, "withdraw " LIBRARY " --recall --why 'cameras go dark'");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	assert_int_equal(world_history(world, "rollout", LIBRARY, "stopped"), 1);
}

/* Cut between the contact and what follows from it: the next start does it. */
TEST_CASE(test_a_start_heeds_what_was_heard_before)
{
	struct world *world = *state;
	AUTO(distribution) struct distribution distribution = {0};
	const struct connection_options options = {.stop_fd = -1};
	AUTO(free) struct plan *plan = NULL;
	struct error err = {0};

	try_it(world);
	be_in_ring(world, "pilot");
	world_does(world, JOB_NIGHT);
	sign_brake(world, "--stop " LIBRARY " --why 'cameras go dark'");
	assert_ok(distribution_open(&world->terminal, &options, &distribution, &err), &err);
	assert_ok(distribution_refresh(&distribution, &err), &err);
	distribution_close(&distribution);
	world_close(world);
	world_open(world);
	assert_ok(rollout_heed_kept(&world->terminal, &err), &err);
	plan = world_plan(world);
	assert_int_equal(plan->count, 0);
}

/* What was to become current together with it waits again. */
TEST_CASE(test_what_needs_a_stopped_one_is_taken_out_with_it)
{
	struct world *world = *state;
	AUTO(free) struct plan *plan = NULL;

	be_ready(world);
	world_add(world, LINKAGE, "1.0.0", CHECKS);
	world_add(world, LINKAGE, "2.0.0", CHECKS " --requires=" LIBRARY "=2.0.0");
	world_publish(world, LINKAGE "=1.0.0");
	world_delivers(world);
	world_repo(world, "rollout begin " LIBRARY "=2.0.0 " LINKAGE "=2.0.0 --stage %s=100", day(world, 0));
	world_repo(world, "publish");
	sign_brake(world, "");
	world_does(world, JOB_NIGHT);
	plan = world_plan(world);
	assert_int_equal(plan->count, 2);
	free(take_ptr(&plan));
	sign_brake(world, "--stop " LIBRARY " --why 'cameras go dark'");
	world_does(world, JOB_NIGHT);
	plan = world_plan(world);
	assert_int_equal(plan->count, 0);
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	assert_string_equal(world_current(world, LINKAGE), "1.0.0");
}

TESTS(world_setup, world_teardown)
