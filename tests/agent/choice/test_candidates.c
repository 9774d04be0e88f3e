/* A release that is being tried: who takes it and when, what stops it, what becomes of it where it is. Whoever is outside is told so by
 * status, explain, check, report and completion report alike. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/restart/rollout_heed.h"
#include "agent/server/distribution.h"
#include "agent/status/completion.h"
#include "agent/status/explain.h"
#include "agent/status/report_json.h"
#include "agent/status/status_collect.h"
#include "agent/status/status_judge.h"
#include "agent/store/quarantine.h"
#include "rollback/plan.h"
#include "tests/agent/choice/tried.h"

/* ---- What is told ---- */

static void look(struct world *world, struct status *status)
{
	struct error err = {0};

	if (!world->is_open)
		world_open(world);
	status_clear(status);
	assert_ok(status_collect(&world->terminal, status, &err), &err);
	for (size_t i = 0; i < status->count; i++)
		if (version_is_broken(status->packages[i].version)) /* which this terminal lacks */
			(void)strcpy(status->packages[i].version, "1.0.0");
	assert_ok(status_judge(status, &err), &err);
}

static const struct status_package *library_of(const struct status *status)
{
	for (size_t i = 0; i < status->count; i++)
		if (strcmp(status->packages[i].name, LIBRARY) == 0)
			return &status->packages[i];
	fail_msg("it is not there");
	return NULL;
}

static void assert_decided(struct world *world, enum rollout_step step, enum rollout_gate gate)
{
	AUTO(status) struct status status = {0};
	const struct candidate_here *here;

	look(world, &status);
	assert_true(library_of(&status)->has_candidate);
	here = &library_of(&status)->candidate;
	if (here->decision.step != step || here->decision.gate != gate)
		fail_msg("%s (%s)", rollout_step_name(here->decision.step), rollout_gate_name(here->decision.gate));
}

static void explain(struct world *world, const struct status *status, struct explanation *explanation)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	struct explain_facts facts;
	struct error err = {0};

	assert_ok(distribution_kept_catalog(&world->terminal, &catalog, &err), &err);
	assert_ok(explain_collect(&world->terminal, status, catalog, 0, &facts, &err), &err);
	assert_ok(explain_package(&facts, library_of(status), explanation, &err), &err);
}

/* Nothing is asked of staff, and the newer one is named as what comes later. */
static void assert_outside(struct world *world, const char *gate)
{
	AUTO(status) struct status status = {0};
	struct explanation explanation = {0};

	look(world, &status);
	assert_string_equal(status_package_state(library_of(&status)), "current");
	assert_string_equal(library_of(&status)->newest, "2.0.0");
	assert_int_equal(status.judgement.reason, STATUS_NOT_ITS_TURN);
	explain(world, &status, &explanation);
	assert_string_equal(explain_gate_name(explanation.decides), gate);
}

static void test_who_is_outside_is_up_to_date_and_is_told_so(void **state)
{
	struct world *world = *state;
	struct job_result result = {0};
	struct error err = {0};

	try_it(world);
	world_does(world, JOB_NIGHT);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT);
	assert_outside(world, "rollout");
	assert_ok(world_run(world, JOB_CHECK, &result, &err), &err);
	assert_int_equal(result.available, 0);
	assert_int_equal(result.not_its_turn, 1);
}

static void test_a_report_says_how_the_candidate_stands(void **state)
{
	struct world *world = *state;
	AUTO(json) json_t *report = NULL;
	struct report_span span = {0};
	struct error err = {0};
	const json_t *rollout;

	try_it(world);
	be_in_ring(world, "pilot");
	world_delivers(world);
	world_does(world, JOB_CHECK);
	assert_non_null(report = report_json(&world->terminal, &span, &err));
	assert_string_equal(json_string_value(json_object_get(report, "ring")), "pilot");
	rollout = json_array_get(json_object_get(report, "rollouts"), 0);
	assert_string_equal(json_string_value(json_object_get(rollout, "package")), LIBRARY);
	assert_string_equal(json_string_value(json_object_get(rollout, "version")), "2.0.0");
	assert_string_equal(json_string_value(json_object_get(rollout, "step")), "keep");
	assert_string_equal(json_string_value(json_object_get(rollout, "state")), "current");
	assert_int_equal(json_integer_value(json_object_get(rollout, "attempt")), 1);
	assert_true(json_is_string(json_object_get(rollout, "taken")));
}

static void test_the_completion_report_can_be_made_outside(void **state)
{
	struct world *world = *state;
	AUTO(completion) struct completion completion = {0};
	struct error err = {0};

	try_it(world);
	world_repo(world, "campaign add 150 --package " LIBRARY " --first 2020-01-01 --last 2099-12-31");
	world_repo(world, "publish");
	world_does(world, JOB_NIGHT);
	assert_ok(completion_find(&world->terminal, 150, &completion, &err), &err);
	assert_true(completion.is_complete);
	assert_string_equal(completion.packages[0].version, "1.0.0");
}

/* ---- Who takes it ---- */

static void test_its_ring_takes_it_on_its_night(void **state)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};

	try_it(world);
	be_in_ring(world, "pilot");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
	look(world, &status);
	assert_string_equal(status_package_state(library_of(&status)), "current");
	assert_int_equal(status.judgement.reason, STATUS_ALL_CURRENT);
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_KEEP, ROLLOUT_GATE_NONE);
}

static void test_a_share_takes_it_when_its_night_comes(void **state)
{
	struct world *world = *state;

	try_it(world);
	world_does(world, JOB_NIGHT);
	world->now_s += DAY_S;
	sign_brake(world, "");
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT);
	world->now_s += DAY_S;
	sign_brake(world, "");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* A night lasts from noon to noon: its small hours are not the next one's. */
static void test_the_small_hours_belong_to_the_night_before(void **state)
{
	struct world *world = *state;

	try_it(world);
	world->now_s += 2 * DAY_S - 19 * 3600; /* 04:00 of the day on which the next stage opens at noon */
	sign_brake(world, "");
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_NIGHT);
}

static void test_a_new_terminal_gets_the_stable_release(void **state)
{
	struct world *world = *state;

	world_add(world, LIBRARY, "1.0.0", CHECKS);
	world_add(world, LIBRARY, "2.0.0", CHECKS);
	world_publish(world, LIBRARY "=1.0.0");
	let_brake(world, "brake");
	world_repo(world, "rollout begin " LIBRARY "=2.0.0 --stage %s=ring:pilot,100", day(world, 0));
	world_repo(world, "publish");
	sign_brake(world, "");
	be_in_ring(world, "pilot");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
}

static void test_one_that_was_taken_back_here_does_not_come_again(void **state)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};

	be_ready(world);
	world_add(world, LIBRARY, "2.0.666", CHECKS);
	world_repo(world, "rollout begin " LIBRARY "=2.0.666 --stage %s=ring:pilot", day(world, 0));
	world_repo(world, "publish");
	sign_brake(world, "");
	be_in_ring(world, "pilot");
	world_does(world, JOB_NIGHT);
	world_restart(world);
	(void)!world_run(world, JOB_CONFIRM, NULL, &(struct error){0});
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	for (int night = 0; night < 2; night++)
		world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_QUARANTINED);
	assert_int_equal(world_delivery(world, LIBRARY), DELIVERY_ROLLED_BACK);
	look(world, &status);
	assert_string_equal(status_package_state(library_of(&status)), "current");
}

static void test_what_is_finished_comes_to_all(void **state)
{
	struct world *world = *state;

	try_it(world);
	world_does(world, JOB_NIGHT);
	say(world, "finish " LIBRARY " --early");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

/* ---- The brake ---- */

/* Without a statement nobody takes a candidate, and all else goes on. */
static void test_without_a_statement_it_waits_and_nothing_else_does(void **state)
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

static void test_a_stale_statement_keeps_it_waiting(void **state)
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
static void test_a_stage_that_the_brake_holds_waits(void **state)
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

static void test_without_a_brake_dates_alone_count(void **state)
{
	struct world *world = *state;

	be_ready(world);
	world_repo(world, "rollout begin " LIBRARY "=2.0.0 --no-brake --stage %s=ring:pilot", day(world, 0));
	world_repo(world, "publish");
	be_in_ring(world, "pilot");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

static void test_explain_shows_the_brake(void **state)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};
	struct explanation explanation = {0};

	try_it(world);
	world_does(world, JOB_NIGHT);
	look(world, &status);
	explain(world, &status, &explanation);
	assert_true(explanation.gates[EXPLAIN_BRAKE].open);
	assert_non_null(strstr(explanation.gates[EXPLAIN_BRAKE].value, "good, 20"));
	assert_int_equal(strncmp(explanation.gates[EXPLAIN_BRAKE].source, "brake ", 6), 0);
	assert_non_null(strstr(explanation.gates[EXPLAIN_ROLLOUT].value, "1/2 -> 20"));
}

static void test_a_stopped_one_that_is_staged_is_taken_out(void **state)
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
	look(world, &status);
	assert_int_equal(status.judgement.verdict, STATUS_UP_TO_DATE);
	assert_string_equal(library_of(&status)->candidate.why, "cameras go dark");
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	world_does(world, JOB_NIGHT);
	assert_int_equal(world_delivery(world, LIBRARY), DELIVERY_FAILED);
}

/* The power went while it was fetched. */
static void test_half_of_a_stopped_one_is_thrown_away(void **state)
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

static void test_a_stopped_one_that_is_current_stays(void **state)
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
	look(world, &status);
	assert_int_equal(status.judgement.verdict, STATUS_UP_TO_DATE);
}

/* Whoever holds the key can stop, and not take it back: that is the operator's. */
static void test_what_was_stopped_only_the_operator_resumes(void **state)
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

static void test_an_older_statement_is_refused(void **state)
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

static void test_a_key_that_was_taken_away_says_nothing(void **state)
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
static void test_a_stolen_key_changes_nothing_but_candidates(void **state)
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

static void test_a_recalled_one_goes_back_at_the_next_restart(void **state)
{
	struct world *world = *state;
	AUTO(status) struct status status = {0};

	try_it(world);
	be_in_ring(world, "pilot");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
	say(world, "stop " LIBRARY " --recall --why 'cameras go dark'");
	world_does(world, JOB_NIGHT);
	look(world, &status);
	assert_int_equal(status.judgement.verdict, STATUS_RESTART);
	assert_int_equal(status.judgement.reason, STATUS_RECALLED);
	assert_int_equal(world_history(world, "rollout", LIBRARY, "begun"), 1);
	world_does(world, JOB_NIGHT); /* a second night makes no second row */
	assert_int_equal(world_history(world, "rollout", LIBRARY, "begun"), 1);
	world_restart(world);
	assert_string_equal(world_current(world, LIBRARY), "1.0.0");
	world_does(world, JOB_NIGHT);
	assert_decided(world, ROLLOUT_STABLE, ROLLOUT_GATE_STOPPED);
	look(world, &status);
	assert_int_equal(status.judgement.verdict, STATUS_UP_TO_DATE);
	say(world, "resume " LIBRARY);
	sign_brake(world, "");
	world_delivers(world);
	assert_string_equal(world_current(world, LIBRARY), "2.0.0");
}

static void test_what_only_waits_for_a_restart_is_taken_out_by_a_recall(void **state)
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
static void test_a_start_heeds_what_was_heard_before(void **state)
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
static void test_what_needs_a_stopped_one_is_taken_out_with_it(void **state)
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(test_who_is_outside_is_up_to_date_and_is_told_so),
		TEST(test_a_report_says_how_the_candidate_stands),
		TEST(test_the_completion_report_can_be_made_outside),
		TEST(test_its_ring_takes_it_on_its_night),
		TEST(test_a_share_takes_it_when_its_night_comes),
		TEST(test_the_small_hours_belong_to_the_night_before),
		TEST(test_a_new_terminal_gets_the_stable_release),
		TEST(test_one_that_was_taken_back_here_does_not_come_again),
		TEST(test_what_is_finished_comes_to_all),
		TEST(test_without_a_statement_it_waits_and_nothing_else_does),
		TEST(test_a_stale_statement_keeps_it_waiting),
		TEST(test_a_stage_that_the_brake_holds_waits),
		TEST(test_without_a_brake_dates_alone_count),
		TEST(test_explain_shows_the_brake),
		TEST(test_a_stopped_one_that_is_staged_is_taken_out),
		TEST(test_half_of_a_stopped_one_is_thrown_away),
		TEST(test_a_stopped_one_that_is_current_stays),
		TEST(test_what_was_stopped_only_the_operator_resumes),
		TEST(test_an_older_statement_is_refused),
		TEST(test_a_key_that_was_taken_away_says_nothing),
		TEST(test_a_stolen_key_changes_nothing_but_candidates),
		TEST(test_a_recalled_one_goes_back_at_the_next_restart),
		TEST(test_what_only_waits_for_a_restart_is_taken_out_by_a_recall),
		TEST(test_a_start_heeds_what_was_heard_before),
		TEST(test_what_needs_a_stopped_one_is_taken_out_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
