/* Rollouts as the collector looks after them: a real store, a repository's files, a key; terminals are rows as reports make them. */
#include "tests/support/test.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/oversight/silence.h"
#include "collector/rollout/brake_statement.h"
#include "collector/rollout/rollout_row.h"
#include "collector/rollout/rollout_watch.h"
#include "collector/rollout/trials.h"
#include "collector/store/night.h"
#include "collector/store/report_row.h"
#include "collector/store/schema.h"
#include "collector/store/terminal_row.h"
#include "common/fs.h"
#include "manifests/catalog/catalog.h"
#include "manifests/rollout/brake.h"
#include "tests/support/folder.h"
#include "tests/support/postgres.h"

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FIRST 20788 /* 2026-12-01 */
#define PILOTS 60
#define TERMINALS 600
#define EVENING_S (9 * 3600) /* 21:00, after the noon at which a night begins */
#define MORNING_S (18 * 3600)

struct desk {
	struct config config;
	struct database *database;
	struct log log;
	struct clock clock;
	int64_t now_ms, takes_ms; /* what its clock that no time change moves shows, and goes on by whenever it is asked */
	struct rollout_watch watch;
	struct candidate candidate;
	struct candidate_stage stages[3];
	struct fs fs;
	struct folder folder;
	struct postgres postgres;
	bool has_postgres;
};

/* ---- What is published ---- */

static void put(struct desk *desk, const char *name, const char *text)
{
	folder_put(&desk->folder, name, text, strlen(text));
}

static void publish(struct desk *desk)
{
	struct catalog_package package = {.name = "face-library",
		.priority = 1,
		.version = "5.0.2",
		.release_target = "face-library/face-library-5.0.2.json",
		.rollout_percent = 100,
		.candidate = &desk->candidate};
	const struct catalog catalog = {.issued_s = 1, .packages = &package, .packages_count = 1};
	AUTO(buf) struct buf text = BUF_INIT(CATALOG_MAX_BYTES);
	char hex[SHA256_HEX_SIZE], name[256], role[512];
	struct error err = {0};
	struct sha256 sum;

	assert_ok(catalog_write(&catalog, &text, &err), &err);
	sha256_of(text.data, text.len, &sum);
	(void)snprintf(name, sizeof(name), "targets/%s.catalog.json", sha256_hex(&sum, hex));
	put(desk, name, buf_text(&text));
	(void)snprintf(role, sizeof(role),
		"{\"signed\": {\"targets\": {\"catalog.json\": {\"hashes\": {\"sha256\": \"%s\"}}}}}", hex);
	put(desk, "metadata/3.operator.json", role);
	put(desk, "metadata/4.snapshot.json", "{\"signed\": {\"meta\": {\"operator.json\": {\"version\": 3}}}}");
	put(desk, "metadata/timestamp.json", "{\"signed\": {\"meta\": {\"snapshot.json\": {\"version\": 4}}}}");
}

static void make_candidate(struct desk *desk)
{
	static const char *pilot[] = {"pilot"};
	static const int64_t percents[] = {0, 1, 100};

	for (int i = 0; i < 3; i++) {
		desk->stages[i] = (struct candidate_stage){.percent = percents[i], .rings = pilot, .rings_count = i == 0};
		night_date_of_days(FIRST + i, &desk->stages[i].night);
	}
	desk->candidate = (struct candidate){
		.version = "5.1.0",
		.release_target = "face-library/face-library-5.1.0.json",
		.digest = DIGEST,
		.place_of = DIGEST,
		.begun_s = 1,
		.attempt = 1,
		.why = "",
		.stages = desk->stages,
		.stages_count = 3,
		.most_rolled_back = 200,
		.most_silent = 300,
		.least = 20,
	};
}

static void make_key(struct desk *desk)
{
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, &err);
	AUTO(buf) struct buf pem = BUF_INIT(4096);

	assert_non_null(signer);
	assert_ok(signer_write(signer, NULL, &pem, &err), &err);
	folder_put_secret(&desk->folder, "brake.key", buf_text(&pem));
}

static int64_t monotonic_ms(const struct clock *clock)
{
	struct desk *desk = clock->context;

	return desk->now_ms += desk->takes_ms;
}

static int open_desk_on(void **state, bool on_postgres)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	struct error err = {0};
	char path[512];

	fs_init(&desk->fs);
	log_init(&desk->log, "test");
	folder_init(&desk->folder);
	(void)snprintf(desk->config.metadata_repository, CONFIG_TEXT_SIZE, "%s", desk->folder.path);
	(void)snprintf(desk->config.brake_key, CONFIG_TEXT_SIZE, "%s/brake.key", desk->folder.path);
	(void)snprintf(desk->config.brake_file, CONFIG_TEXT_SIZE, "%s/metadata/brake.json", desk->folder.path);
	(void)snprintf(path, sizeof(path), "%s/collector.db", desk->folder.path);
	desk->config.brake_every_s = 4 * 3600;
	if ((desk->has_postgres = on_postgres))
		postgres_init(&desk->postgres);
	assert_ok(database_open(on_postgres ? desk->postgres.url : path, &desk->database, &err), &err);
	assert_ok(schema_update(desk->database, &err), &err);
	desk->clock = (struct clock){.monotonic_ms = monotonic_ms, .context = desk};
	desk->watch = (struct rollout_watch){.config = &desk->config, .clock = &desk->clock, .log = &desk->log};
	make_candidate(desk);
	make_key(desk);
	publish(desk);
	*state = desk;
	return 0;
}

static int open_desk(void **state)
{
	return open_desk_on(state, false);
}

static int open_desk_on_postgres(void **state)
{
	return open_desk_on(state, true);
}

static int close_desk(void **state)
{
	struct desk *desk = *state;

	database_close(desk->database);
	if (desk->has_postgres)
		postgres_clear(&desk->postgres);
	folder_clear(&desk->folder);
	free(desk);
	return 0;
}

/* ---- Terminals ---- */

static int64_t at(int night, int64_t second)
{
	return night_begin_s(FIRST + night) + second;
}

static void report(struct desk *desk, int number, int64_t now_s, const char *state)
{
	struct terminal_row row = {0};
	struct error err = {0};
	const struct delivery_row delivery = {
		.release = release_id_of("face-library", "5.1.0", DIGEST),
		.planned_s = at(0, EVENING_S),
		.state = state,
		.changed_s = now_s,
		.error = "",
		.detail = "",
	};
	struct delivery_row told = delivery;
	char key[SHA256_HEX_SIZE];

	(void)snprintf(key, sizeof(key), "%07x%057x", number * 7919 + 1, number);
	assert_ok(terminal_row_reserve(desk->database, key, now_s, &err), &err);
	assert_ok(terminal_row_find(desk->database, terminal_id_of(key), &row, &err), &err);
	(void)snprintf(row.institution, sizeof(row.institution), "%02d10000001", number % 3);
	row.received_s = now_s;
	assert_ok(terminal_row_change(desk->database, &row, &err), &err);
	told.terminal = row.id;
	if (state)
		assert_ok(delivery_row_put(desk->database, &told, &err), &err);
}

/* All terminals report; the pilots, which are the first, that the candidate is in STATE there (NULL: they say nothing at all). */
static void report_all(struct desk *desk, int64_t now_s, const char *state)
{
	struct error err = {0};

	assert_ok(database_begin(desk->database, &err), &err);
	assert_ok(release_row_add(desk->database, "face-library", "5.1.0", DIGEST, now_s, &err), &err);
	for (int i = state ? 0 : PILOTS; i < TERMINALS; i++)
		report(desk, i, now_s, i < PILOTS ? state : NULL);
	assert_ok(database_commit(desk->database, &err), &err);
}

/* Terminals FROM to TO of them alone. */
static void report_some(struct desk *desk, int from, int to, int64_t now_s, const char *state)
{
	struct error err = {0};

	assert_ok(database_begin(desk->database, &err), &err);
	for (int i = from; i < to; i++)
		report(desk, i, now_s, state);
	assert_ok(database_commit(desk->database, &err), &err);
}

static struct trials trials_of(struct desk *desk)
{
	struct trials trials;
	struct error err = {0};

	assert_ok(trials_count(desk->database, rollout_id_of("face-library", DIGEST, 1), &trials, &err), &err);
	return trials;
}

static void be_there(struct desk *desk, int64_t from_s, int64_t to_s)
{
	struct error err = {0};

	assert_ok(attendance_note(desk->database, "here", from_s, to_s, &err), &err);
}

static struct rollout_row look(struct desk *desk, int64_t now_s)
{
	struct rollout_row row;
	struct error err = {0};

	rollout_watch_look(&desk->watch, desk->database, true, now_s);
	assert_false(desk->watch.is_in_trouble);
	assert_ok(rollout_row_find(desk->database,
			  rollout_id_of("face-library", DIGEST, desk->candidate.attempt), &row, &err),
		&err);
	return row;
}

static struct brake *statement(struct desk *desk)
{
	AUTO(buf) struct buf text = BUF_INIT(BRAKE_MAX_BYTES);
	struct brake *brake = NULL;
	struct error err = {0};

	assert_ok(fs_read_file(&desk->fs, AT_FDCWD, desk->config.brake_file, &text, &err), &err);
	assert_ok(brake_parse(text.data, text.len, &brake, &err), &err);
	return brake;
}

/* The first night: the pilots take it. */
static void begin(struct desk *desk)
{
	be_there(desk, at(0, 0), at(0, MORNING_S));
	(void)look(desk, at(0, 0));
	report_all(desk, at(0, EVENING_S), "staged");
	(void)look(desk, at(0, EVENING_S));
}

/* ---- Tests ---- */

static void test_a_candidate_is_watched_from_its_first_stage_on(void **state)
{
	struct desk *desk = *state;
	struct rollout_row row;
	AUTO(brake) struct brake *brake = NULL;

	begin(desk);
	row = look(desk, at(0, EVENING_S + 60));
	brake = statement(desk);
	assert_int_equal(row.stages_open, 1);
	assert_string_equal(row.verdict, "too-few");
	assert_int_equal(brake->stops_count, 0);
	assert_int_equal(brake_stages_let(brake, "face-library", &desk->candidate), 1);
	assert_int_equal(brake_ask(brake, "face-library", &desk->candidate, at(0, EVENING_S), NULL), BRAKE_GOOD);
}

static void test_the_next_stage_opens_when_those_who_took_it_are_well(void **state)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;

	begin(desk);
	be_there(desk, at(1, 0), at(1, MORNING_S));
	assert_int_equal(look(desk, at(1, EVENING_S - 60)).stages_open, 1);
	report_all(desk, at(1, EVENING_S), "confirmed");
	assert_int_equal(look(desk, at(1, EVENING_S + 60)).stages_open, 2);
	brake = statement(desk);
	assert_int_equal(brake_stages_let(brake, "face-library", &desk->candidate), 2);
	/* The one after it waits for its night, and for those of this one. */
	assert_int_equal(look(desk, at(1, EVENING_S + 120)).stages_open, 2);
	assert_int_equal(look(desk, at(2, 0)).stages_open, 2);
}

/* All were heard of in that night before the first of them took it, as when they asked for a stage that was held. */
static void test_who_takes_it_after_others_did_is_no_bystander(void **state)
{
	struct desk *desk = *state;
	struct trials trials;

	be_there(desk, at(0, 0), at(0, MORNING_S));
	(void)look(desk, at(0, 0));
	report_all(desk, at(0, EVENING_S), NULL);
	report_some(desk, 0, PILOTS, at(0, EVENING_S), NULL);
	for (int i = 0; i < PILOTS; i += PILOTS / 3) {
		report_some(desk, i, i + PILOTS / 3, at(0, EVENING_S + 60 + i), "staged");
		(void)look(desk, at(0, EVENING_S + 60 + i));
	}
	trials = trials_of(desk);
	assert_int_equal(trials.count, 1);
	assert_int_equal(trials.cohorts[0].taken, PILOTS);
	assert_int_equal(trials.cohorts[0].others, TERMINALS - PILOTS);
}

/* In a fleet of which everybody stands beside the pilots. */
static void test_bystanders_of_one_night_take_it_in_another(void **state)
{
	struct desk *desk = *state;
	struct trials trials;

	begin(desk);
	be_there(desk, at(1, 0), at(1, MORNING_S));
	report_all(desk, at(1, EVENING_S), "confirmed");
	assert_int_equal(look(desk, at(1, EVENING_S + 60)).stages_open, 2);
	report_some(desk, PILOTS, 4 * PILOTS, at(1, EVENING_S + 90), "staged");
	assert_int_equal(look(desk, at(1, EVENING_S + 120)).stages_open, 2);
	trials = trials_of(desk);
	assert_int_equal(trials.count, 2);
	assert_int_equal(trials.cohorts[0].others, TERMINALS - PILOTS);
	assert_int_equal(trials.cohorts[0].others_silent, 0);
	assert_int_equal(trials.cohorts[1].taken, 3 * PILOTS);
	assert_int_equal(trials.cohorts[1].others, TERMINALS - 4 * PILOTS);
	be_there(desk, at(2, 0), at(2, MORNING_S));
	report_all(desk, at(2, EVENING_S), "confirmed");
	report_some(desk, PILOTS, 4 * PILOTS, at(2, EVENING_S), "confirmed");
	assert_int_equal(look(desk, at(2, EVENING_S + 60)).stages_open, 3);
}

static void test_silence_stops_it(void **state)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;
	struct rollout_row row;
	const struct brake_stop *stop;

	begin(desk);
	be_there(desk, at(1, 0), at(1, MORNING_S));
	report_all(desk, at(1, EVENING_S), NULL);
	row = look(desk, at(1, EVENING_S + 60));
	brake = statement(desk);
	assert_string_equal(row.stopped_by, "silent");
	assert_string_equal(row.why, "60 of 60 terminals have not been heard of since they took it; 0.1 % would be usual");
	assert_int_equal(brake_ask(brake, "face-library", &desk->candidate, at(1, EVENING_S + 61), &stop), BRAKE_STOPPED);
	assert_string_equal(stop->by, "silent");
}

static void test_a_failing_health_check_stops_it(void **state)
{
	struct desk *desk = *state;

	begin(desk);
	be_there(desk, at(1, 0), at(1, MORNING_S));
	report_all(desk, at(1, EVENING_S), "rolled-back");
	assert_string_equal(look(desk, at(1, EVENING_S + 60)).stopped_by, "rolled-back");
}

static void test_an_outage_stops_nothing_and_opens_nothing(void **state)
{
	struct desk *desk = *state;
	struct rollout_row row;

	begin(desk);
	be_there(desk, at(1, 0), at(1, MORNING_S));
	row = look(desk, at(1, MORNING_S));
	assert_int_equal(row.stopped_s, 0);
	assert_int_equal(row.stages_open, 1);
}

static void test_a_night_in_which_the_collector_was_away_tells_nothing(void **state)
{
	struct desk *desk = *state;
	struct rollout_row row;

	begin(desk);
	be_there(desk, at(1, EVENING_S), at(1, MORNING_S));
	report_all(desk, at(1, EVENING_S + 60), NULL);
	row = look(desk, at(1, MORNING_S));
	assert_int_equal(row.stopped_s, 0);
	be_there(desk, at(2, 0), at(2, MORNING_S));
	report_all(desk, at(2, EVENING_S), "confirmed");
	row = look(desk, at(2, EVENING_S + 60));
	assert_int_equal(row.stopped_s, 0);
	assert_int_equal(row.stages_open, 2);
}

/* What was seen in earlier nights is enough at noon. */
static void test_a_later_stage_opens_with_its_night(void **state)
{
	struct desk *desk = *state;

	night_date_of_days(FIRST + 3, &desk->stages[1].night);
	night_date_of_days(FIRST + 4, &desk->stages[2].night);
	publish(desk);
	begin(desk);
	for (int night = 1; night < 3; night++) {
		be_there(desk, at(night, 0), at(night, MORNING_S));
		report_all(desk, at(night, EVENING_S), "confirmed");
		assert_int_equal(look(desk, at(night, EVENING_S + 60)).stages_open, 1);
	}
	be_there(desk, at(3, 0), at(3, MORNING_S));
	assert_int_equal(look(desk, at(3, 0)).stages_open, 2);
}

static void test_who_wait_for_a_restart_are_no_evidence(void **state)
{
	struct desk *desk = *state;

	begin(desk);
	be_there(desk, at(1, 0), at(1, MORNING_S));
	report_all(desk, at(1, EVENING_S), "staged");
	assert_int_equal(look(desk, at(1, EVENING_S + 60)).stages_open, 1);
	/* The restart comes a night later, and they come back no more. */
	be_there(desk, at(2, 0), at(2, MORNING_S));
	(void)look(desk, at(2, 0));
	report_all(desk, at(2, EVENING_S), NULL);
	assert_string_equal(look(desk, at(2, EVENING_S + 60)).stopped_by, "silent");
}

static void test_a_person_stops_it_and_the_first_reason_stays(void **state)
{
	struct desk *desk = *state;
	struct error err = {0};
	struct rollout_row row;
	bool is_stopped;

	begin(desk);
	assert_ok(rollout_watch_stop(desk->database, "face-library", "5.1.0", "CN=Tanaka", "cameras go dark",
			  at(0, EVENING_S + 5), &is_stopped, &err),
		&err);
	assert_true(is_stopped);
	assert_ok(rollout_watch_stop(desk->database, "face-library", "5.1.0", "CN=Sato", "me too", at(0, EVENING_S + 6),
			  &is_stopped, &err),
		&err);
	assert_false(is_stopped);
	row = look(desk, at(0, EVENING_S + 60));
	assert_string_equal(row.stopped_by, "CN=Tanaka");
	assert_string_equal(row.why, "cameras go dark");
	assert_int_equal(rollout_watch_stop(desk->database, "face-library", "5.2.0", "CN=Sato", "x", 1, &is_stopped, &err), -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_int_equal(rollout_watch_stop(desk->database, "face-library", "5.1.0", "CN=Sato", "a\nb", 1, &is_stopped, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
}

static void test_whoever_resumes_it_lets_the_next_stage_open(void **state)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;
	struct error err = {0};
	bool is_stopped;

	begin(desk);
	assert_ok(rollout_watch_stop(desk->database, "face-library", "5.1.0", "CN=Tanaka", "a doubt", at(0, EVENING_S + 5),
			  &is_stopped, &err),
		&err);
	(void)look(desk, at(0, EVENING_S + 60));
	desk->candidate.attempt = 2;
	publish(desk);
	assert_int_equal(look(desk, at(1, 0)).stages_open, 2);
	brake = statement(desk);
	assert_int_equal(brake->stops_count, 0);
	assert_int_equal(brake_stages_let(brake, "face-library", &desk->candidate), 2);
}

static void test_statements_are_signed_anew_when_they_age_or_change(void **state)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *first = NULL;
	AUTO(brake) struct brake *same = NULL;
	AUTO(brake) struct brake *next = NULL;

	(void)look(desk, at(0, 0));
	first = statement(desk);
	(void)look(desk, at(0, 3600));
	same = statement(desk);
	(void)look(desk, at(0, 4 * 3600));
	next = statement(desk);
	assert_int_equal(same->version, first->version);
	assert_true(next->version > first->version);
	assert_int_equal(next->issued_s, at(0, 4 * 3600));
}

/* The collector was started again with it. */
static void test_another_key_signs_a_statement_of_its_own_at_once(void **state)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *first = NULL;
	AUTO(brake) struct brake *next = NULL;

	(void)look(desk, at(0, 0));
	first = statement(desk);
	make_key(desk);
	*desk->watch.key_id = '\0';
	(void)look(desk, at(0, 60));
	next = statement(desk);
	assert_true(next->version > first->version);
	assert_int_equal(next->issued_s, at(0, 60));
}

static void test_without_a_readable_catalog_nothing_is_signed(void **state)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;

	(void)look(desk, at(0, 0));
	put(desk, "metadata/timestamp.json", "{}");
	rollout_watch_look(&desk->watch, desk->database, true, at(0, 5 * 3600));
	assert_true(desk->watch.is_in_trouble);
	brake = statement(desk);
	assert_int_equal(brake->issued_s, at(0, 0));
}

/* A look takes three seconds, so that terminals are counted again a minute later; what the catalog and people say is heeded at once. */
static void test_the_store_is_asked_in_a_small_part_of_the_time(void **state)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;
	struct error err = {0};
	bool is_stopped;

	desk->takes_ms = 3000;
	(void)look(desk, at(0, 0));
	report_all(desk, at(0, EVENING_S), "staged");
	desk->now_ms += ROLLOUT_WATCH_PAUSES * 3000 - 3000 - 1;
	assert_int_equal(look(desk, at(0, EVENING_S)).judged_s, at(0, 0));
	assert_int_equal(trials_of(desk).count, 0);
	assert_ok(rollout_watch_stop(desk->database, "face-library", "5.1.0", "CN=Tanaka", "cameras go dark",
			  at(0, EVENING_S), &is_stopped, &err),
		&err);
	desk->now_ms -= 3000;
	(void)look(desk, at(0, EVENING_S + 1));
	brake = statement(desk);
	assert_int_equal(brake->stops_count, 1);
	assert_int_equal(look(desk, at(0, EVENING_S + 5)).judged_s, at(0, EVENING_S + 5));
	assert_int_equal(trials_of(desk).cohorts[0].taken, PILOTS);
}

#define POSTGRES_TEST(test) cmocka_unit_test_setup_teardown(test, open_desk_on_postgres, close_desk)
#define DESK_TEST(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_TEST(test_a_candidate_is_watched_from_its_first_stage_on),
		DESK_TEST(test_the_next_stage_opens_when_those_who_took_it_are_well),
		DESK_TEST(test_who_takes_it_after_others_did_is_no_bystander),
		DESK_TEST(test_bystanders_of_one_night_take_it_in_another),
		DESK_TEST(test_silence_stops_it),
		DESK_TEST(test_a_failing_health_check_stops_it),
		DESK_TEST(test_an_outage_stops_nothing_and_opens_nothing),
		DESK_TEST(test_a_night_in_which_the_collector_was_away_tells_nothing),
		DESK_TEST(test_a_later_stage_opens_with_its_night),
		DESK_TEST(test_who_wait_for_a_restart_are_no_evidence),
		DESK_TEST(test_a_person_stops_it_and_the_first_reason_stays),
		DESK_TEST(test_whoever_resumes_it_lets_the_next_stage_open),
		DESK_TEST(test_statements_are_signed_anew_when_they_age_or_change),
		DESK_TEST(test_another_key_signs_a_statement_of_its_own_at_once),
		DESK_TEST(test_without_a_readable_catalog_nothing_is_signed),
		DESK_TEST(test_the_store_is_asked_in_a_small_part_of_the_time),
		POSTGRES_TEST(test_the_next_stage_opens_when_those_who_took_it_are_well),
		POSTGRES_TEST(test_who_takes_it_after_others_did_is_no_bystander),
		POSTGRES_TEST(test_bystanders_of_one_night_take_it_in_another),
		POSTGRES_TEST(test_silence_stops_it),
		POSTGRES_TEST(test_who_wait_for_a_restart_are_no_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
