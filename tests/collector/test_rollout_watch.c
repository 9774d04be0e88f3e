/* Rollouts as the collector looks after them. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/judgement/others.h"
#include "collector/store/terminal_row.h"
#include "tests/collector/rollout_desk.h"

TEST_CASE(test_a_candidate_is_watched_from_its_first_stage_on)
{
	struct desk *desk = *state;
	struct rollout_row row;
	AUTO(brake) struct brake *brake = NULL;

	desk_begin(desk);
	row = desk_look(desk, desk_at(0, EVENING_S + 60));
	brake = desk_statement(desk);
	assert_int_equal(row.stages_open, 1);
	assert_string_equal(row.verdict, "too-few");
	assert_int_equal(brake->stops_count, 0);
	assert_int_equal(brake_stages_let(brake, "face-library", &desk->candidate), 1);
	assert_int_equal(brake_ask(brake, "face-library", &desk->candidate, desk_at(0, EVENING_S), NULL), BRAKE_GOOD);
}

TEST_CASE(test_the_next_stage_opens_when_those_who_took_it_are_well)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;

	desk_begin(desk);
	assert_int_equal(desk_look(desk, desk_at(1, EVENING_S - 60)).stages_open, 1);
	desk_report_all(desk, desk_at(1, EVENING_S), "confirmed");
	assert_int_equal(desk_look(desk, desk_at(1, EVENING_S + 60)).stages_open, 2);
	brake = desk_statement(desk);
	assert_int_equal(brake_stages_let(brake, "face-library", &desk->candidate), 2);
	/* The one after it waits for its night, and for those of this one. */
	assert_int_equal(desk_look(desk, desk_at(1, EVENING_S + 120)).stages_open, 2);
	assert_int_equal(desk_look(desk, desk_at(2, 0)).stages_open, 2);
}
TEST_CASE_AGAIN(test_the_next_stage_opens_when_those_who_took_it_are_well, desk_open_on_postgres, desk_close)

/* All were heard of in that night before the first of them took it, as when they asked for a stage that was held. */
TEST_CASE(test_who_takes_it_after_others_did_is_no_bystander)
{
	struct desk *desk = *state;
	struct trials trials;

	(void)desk_look(desk, desk_at(0, 0));
	desk_report_all(desk, desk_at(0, EVENING_S), NULL);
	desk_report_some(desk, 0, PILOTS, desk_at(0, EVENING_S), NULL);
	for (int i = 0; i < PILOTS; i += PILOTS / 3) {
		desk_report_some(desk, i, i + PILOTS / 3, desk_at(0, EVENING_S + 60 + i), "staged");
		(void)desk_look(desk, desk_at(0, EVENING_S + 60 + i));
	}
	trials = desk_trials(desk);
	assert_int_equal(trials.count, 1);
	assert_int_equal(trials.cohorts[0].taken, PILOTS);
	assert_int_equal(trials.cohorts[0].others, TERMINALS - PILOTS);
}
TEST_CASE_AGAIN(test_who_takes_it_after_others_did_is_no_bystander, desk_open_on_postgres, desk_close)

/* In a fleet of which everybody stands beside the pilots. */
TEST_CASE(test_bystanders_of_one_night_take_it_in_another)
{
	struct desk *desk = *state;
	struct trials trials;

	desk_begin(desk);
	desk_report_all(desk, desk_at(1, EVENING_S), "confirmed");
	assert_int_equal(desk_look(desk, desk_at(1, EVENING_S + 60)).stages_open, 2);
	desk_report_some(desk, PILOTS, 4 * PILOTS, desk_at(1, EVENING_S + 90), "staged");
	assert_int_equal(desk_look(desk, desk_at(1, EVENING_S + 120)).stages_open, 2);
	trials = desk_trials(desk);
	assert_int_equal(trials.count, 2);
	assert_int_equal(trials.cohorts[0].others, TERMINALS - PILOTS);
	assert_int_equal(trials.cohorts[0].others_silent, 0);
	assert_int_equal(trials.cohorts[1].taken, 3 * PILOTS);
	assert_int_equal(trials.cohorts[1].others, TERMINALS - 4 * PILOTS);
	desk_report_all(desk, desk_at(2, EVENING_S), "confirmed");
	desk_report_some(desk, PILOTS, 4 * PILOTS, desk_at(2, EVENING_S), "confirmed");
	assert_int_equal(desk_look(desk, desk_at(2, EVENING_S + 60)).stages_open, 3);
}
TEST_CASE_AGAIN(test_bystanders_of_one_night_take_it_in_another, desk_open_on_postgres, desk_close)

TEST_CASE(test_silence_stops_it)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;
	struct rollout_row row;
	const struct brake_stop *stop;

	desk_begin(desk);
	desk_report_all(desk, desk_at(1, EVENING_S), NULL);
	row = desk_look(desk, desk_at(1, EVENING_S + 60));
	brake = desk_statement(desk);
	assert_string_equal(row.stopped_by, "silent");
	assert_string_equal(row.why, "60 of 60 terminals have not been heard of since they took it; 0.1 % would be usual");
	assert_int_equal(brake_ask(brake, "face-library", &desk->candidate, desk_at(1, EVENING_S + 61), &stop), BRAKE_STOPPED);
	assert_string_equal(stop->by, "silent");
}
TEST_CASE_AGAIN(test_silence_stops_it, desk_open_on_postgres, desk_close)

TEST_CASE(test_a_failing_health_check_stops_it)
{
	struct desk *desk = *state;

	desk_begin(desk);
	desk_report_all(desk, desk_at(1, EVENING_S), "rolled-back");
	assert_string_equal(desk_look(desk, desk_at(1, EVENING_S + 60)).stopped_by, "rolled-back");
}

TEST_CASE(test_an_outage_stops_nothing_and_opens_nothing)
{
	struct desk *desk = *state;
	struct rollout_row row;

	desk_begin(desk);
	row = desk_look(desk, desk_at(1, MORNING_S));
	assert_int_equal(row.stopped_s, 0);
	assert_int_equal(row.stages_open, 1);
}

/* Terminals send what nobody took again in the same night. */
TEST_CASE(test_a_night_in_which_the_collector_was_away_for_hours_tells_as_much)
{
	struct desk *desk = *state;

	desk_begin(desk);
	assert_int_equal(desk_look(desk, desk_at(1, EVENING_S + 4 * 3600)).stages_open, 1);
	desk_report_all(desk, desk_at(1, EVENING_S + 5 * 3600), "confirmed");
	assert_int_equal(desk_look(desk, desk_at(1, EVENING_S + 5 * 3600)).stages_open, 2);
}

static int64_t absence_of(struct desk *desk, int number)
{
	char key[SHA256_HEX_SIZE];
	struct terminal_row row;
	struct error err = {0};

	(void)snprintf(key, sizeof(key), "%07x%057x", number * 7919 + 1, number);
	assert_ok(database_run(desk->database, "UPDATE terminal SET name = CAST(absence AS TEXT)", &err), &err);
	assert_ok(terminal_row_find(desk->database, terminal_id_of(key), &row, &err), &err);
	return strtoll(row.name, NULL, 10);
}

TEST_CASE(test_the_store_counts_absences_as_the_judgement_does)
{
	static const int nights[] = {0, 1, 2, 4, 5, 10, 11, 13, 30, 31};
	struct desk *desk = *state;
	int64_t absence = 0;
	int before = -1000;

	for (size_t i = 0; i < ARRAY_SIZE(nights); i++) {
		desk_report_some(desk, 7, 8, desk_at(nights[i], EVENING_S), NULL);
		desk_report_some(desk, 7, 8, desk_at(nights[i], MORNING_S), NULL);
		absence = others_absence(absence, nights[i] - before);
		before = nights[i];
		assert_int_equal(absence_of(desk, 7), absence);
	}
}
TEST_CASE_AGAIN(test_the_store_counts_absences_as_the_judgement_does, desk_open_on_postgres, desk_close)

/* Half of the pilots and half of the others were there each night of the weeks before, the rest in one of three. */
TEST_CASE(test_the_steady_stand_beside_the_steady)
{
	struct desk *desk = *state;
	struct trials trials;

	for (int night = -16; night < 0; night++) {
		if (night % 3 == 0) {
			desk_report_some(desk, 0, TERMINALS, desk_at(night, EVENING_S), NULL);
		} else {
			desk_report_some(desk, 0, PILOTS / 2, desk_at(night, EVENING_S), NULL);
			desk_report_some(desk, PILOTS, PILOTS + (TERMINALS - PILOTS) / 2, desk_at(night, EVENING_S), NULL);
		}
	}
	desk_begin(desk);
	trials = desk_trials(desk);
	assert_int_equal(trials.cohorts[0].taken, PILOTS);
	assert_int_equal(trials.cohorts[0].others, TERMINALS - PILOTS);
	for (int steady = 0; steady < 2; steady++) {
		assert_int_equal(trials.alike[0][steady].taken, PILOTS / 2);
		assert_int_equal(trials.alike[0][steady].others, (TERMINALS - PILOTS) / 2);
	}
}
TEST_CASE_AGAIN(test_the_steady_stand_beside_the_steady, desk_open_on_postgres, desk_close)

/* What was seen in earlier nights is enough at noon. */
TEST_CASE(test_a_later_stage_opens_with_its_night)
{
	struct desk *desk = *state;

	night_date_of_days(FIRST + 3, &desk->stages[1].night);
	night_date_of_days(FIRST + 4, &desk->stages[2].night);
	desk_publish(desk);
	desk_begin(desk);
	for (int night = 1; night < 3; night++) {
		desk_report_all(desk, desk_at(night, EVENING_S), "confirmed");
		assert_int_equal(desk_look(desk, desk_at(night, EVENING_S + 60)).stages_open, 1);
	}
	assert_int_equal(desk_look(desk, desk_at(3, 0)).stages_open, 2);
}

TEST_CASE(test_who_wait_for_a_restart_are_no_evidence)
{
	struct desk *desk = *state;

	desk_begin(desk);
	desk_report_all(desk, desk_at(1, EVENING_S), "staged");
	assert_int_equal(desk_look(desk, desk_at(1, EVENING_S + 60)).stages_open, 1);
	/* The restart comes a night later, and they come back no more. */
	(void)desk_look(desk, desk_at(2, 0));
	desk_report_all(desk, desk_at(2, EVENING_S), NULL);
	assert_string_equal(desk_look(desk, desk_at(2, EVENING_S + 60)).stopped_by, "silent");
}
TEST_CASE_AGAIN(test_who_wait_for_a_restart_are_no_evidence, desk_open_on_postgres, desk_close)

/* A site of which nothing is published yet: nobody has signed as operator. */
TEST_CASE(test_a_repository_without_a_catalog_is_no_trouble)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;

	desk_put(desk, "metadata/4.snapshot.json", "{\"signed\": {\"meta\": {\"targets.json\": {\"version\": 1}}}}");
	rollout_watch_look(&desk->watch, desk->database, true, desk_at(0, EVENING_S));
	assert_false(desk->watch.is_in_trouble);
	brake = desk_statement(desk);
	assert_int_equal(brake->holds_count + brake->stops_count, 0);
}

/* So many pilots speak for everybody. */
#define MANY 500
#define LATE_S (10 * 3600) /* 22:00: whoever has news of the last stage has told it */

static void be_well_until_second_stage(struct desk *desk, int pilots)
{
	desk_begin(desk);
	desk_report_some(desk, PILOTS, pilots, desk_at(0, EVENING_S), "staged");
	(void)desk_look(desk, desk_at(0, EVENING_S + 60));
	desk_report_all(desk, desk_at(1, EVENING_S), "confirmed");
	desk_report_some(desk, PILOTS, pilots, desk_at(1, EVENING_S), "confirmed");
	assert_int_equal(desk_look(desk, desk_at(1, EVENING_S + 60)).stages_open, 2);
	desk_report_some(desk, MANY, MANY + PILOTS, desk_at(1, EVENING_S + 90), "staged");
	(void)desk_look(desk, desk_at(1, EVENING_S + 120));
}

TEST_CASE(test_a_closed_day_does_not_hold_what_many_have_shown)
{
	struct desk *desk = *state;

	be_well_until_second_stage(desk, MANY);
	desk_report_some(desk, MANY, MANY + PILOTS, desk_at(2, EVENING_S), "staged");
	assert_int_equal(desk_look(desk, desk_at(2, EVENING_S + 60)).stages_open, 2);
	assert_int_equal(desk_look(desk, desk_at(2, LATE_S - 60)).stages_open, 2);
	assert_int_equal(desk_look(desk, desk_at(2, LATE_S)).stages_open, 3);
}
TEST_CASE_AGAIN(test_a_closed_day_does_not_hold_what_many_have_shown, desk_open_on_postgres, desk_close)

TEST_CASE(test_a_few_do_not_speak_for_a_stage_that_tells_nothing)
{
	struct desk *desk = *state;

	be_well_until_second_stage(desk, PILOTS);
	desk_report_some(desk, MANY, MANY + PILOTS, desk_at(2, EVENING_S), "staged");
	assert_int_equal(desk_look(desk, desk_at(2, LATE_S)).stages_open, 2);
}

/* Nobody was there in the night of the second stage: it opens a night late, and the third one by its date. */
TEST_CASE(test_a_stage_that_is_late_makes_the_next_one_no_later)
{
	struct desk *desk = *state;

	desk_begin(desk);
	desk_report_some(desk, PILOTS, MANY, desk_at(0, EVENING_S), "staged");
	(void)desk_look(desk, desk_at(0, EVENING_S + 60));
	assert_int_equal(desk_look(desk, desk_at(1, MORNING_S)).stages_open, 1);
	desk_report_all(desk, desk_at(2, EVENING_S), "confirmed");
	desk_report_some(desk, PILOTS, MANY, desk_at(2, EVENING_S), "confirmed");
	assert_int_equal(desk_look(desk, desk_at(2, EVENING_S + 60)).stages_open, 2);
	assert_int_equal(desk_look(desk, desk_at(2, LATE_S - 60)).stages_open, 2);
	assert_int_equal(desk_look(desk, desk_at(2, LATE_S)).stages_open, 3);
}

TEST_CASE(test_a_person_stops_it_and_the_first_reason_stays)
{
	struct desk *desk = *state;
	struct error err = {0};
	struct rollout_row row;
	bool is_stopped;

	desk_begin(desk);
	assert_ok(rollout_watch_stop(desk->database, "face-library", "5.1.0", "CN=Tanaka", "cameras go dark",
			  desk_at(0, EVENING_S + 5), &is_stopped, &err),
		&err);
	assert_true(is_stopped);
	assert_ok(rollout_watch_stop(desk->database, "face-library", "5.1.0", "CN=Sato", "me too", desk_at(0, EVENING_S + 6),
			  &is_stopped, &err),
		&err);
	assert_false(is_stopped);
	row = desk_look(desk, desk_at(0, EVENING_S + 60));
	assert_string_equal(row.stopped_by, "CN=Tanaka");
	assert_string_equal(row.why, "cameras go dark");
	assert_int_equal(rollout_watch_stop(desk->database, "face-library", "5.2.0", "CN=Sato", "x", 1, &is_stopped, &err), -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
	assert_int_equal(rollout_watch_stop(desk->database, "face-library", "5.1.0", "CN=Sato", "a\nb", 1, &is_stopped, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
}

TEST_CASE(test_whoever_resumes_it_lets_the_next_stage_open)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;
	struct error err = {0};
	bool is_stopped;

	desk_begin(desk);
	assert_ok(rollout_watch_stop(desk->database, "face-library", "5.1.0", "CN=Tanaka", "a doubt", desk_at(0, EVENING_S + 5),
			  &is_stopped, &err),
		&err);
	(void)desk_look(desk, desk_at(0, EVENING_S + 60));
	desk->candidate.attempt = 2;
	desk_publish(desk);
	assert_int_equal(desk_look(desk, desk_at(1, 0)).stages_open, 2);
	brake = desk_statement(desk);
	assert_int_equal(brake->stops_count, 0);
	assert_int_equal(brake_stages_let(brake, "face-library", &desk->candidate), 2);
}

TEST_CASE(test_statements_are_signed_anew_when_they_age_or_change)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *first = NULL;
	AUTO(brake) struct brake *same = NULL;
	AUTO(brake) struct brake *next = NULL;

	(void)desk_look(desk, desk_at(0, 0));
	first = desk_statement(desk);
	(void)desk_look(desk, desk_at(0, 3600));
	same = desk_statement(desk);
	(void)desk_look(desk, desk_at(0, 4 * 3600));
	next = desk_statement(desk);
	assert_int_equal(same->version, first->version);
	assert_true(next->version > first->version);
	assert_int_equal(next->issued_s, desk_at(0, 4 * 3600));
}

/* The collector was started again with it. */
TEST_CASE(test_another_key_signs_a_statement_of_its_own_at_once)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *first = NULL;
	AUTO(brake) struct brake *next = NULL;

	(void)desk_look(desk, desk_at(0, 0));
	first = desk_statement(desk);
	desk_make_key(desk);
	*desk->watch.key_id = '\0';
	(void)desk_look(desk, desk_at(0, 60));
	next = desk_statement(desk);
	assert_true(next->version > first->version);
	assert_int_equal(next->issued_s, desk_at(0, 60));
}

TEST_CASE(test_without_a_readable_catalog_nothing_is_signed)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;

	(void)desk_look(desk, desk_at(0, 0));
	desk_put(desk, "metadata/timestamp.json", "{}");
	rollout_watch_look(&desk->watch, desk->database, true, desk_at(0, 5 * 3600));
	assert_true(desk->watch.is_in_trouble);
	brake = desk_statement(desk);
	assert_int_equal(brake->issued_s, desk_at(0, 0));
}

/* A look takes three seconds, so that terminals are counted again a minute later; what the catalog and people say is heeded at once. */
TEST_CASE(test_the_store_is_asked_in_a_small_part_of_the_time)
{
	struct desk *desk = *state;
	AUTO(brake) struct brake *brake = NULL;
	struct error err = {0};
	bool is_stopped;

	desk->takes_ms = 3000;
	(void)desk_look(desk, desk_at(0, 0));
	desk_report_all(desk, desk_at(0, EVENING_S), "staged");
	desk->now_ms += ROLLOUT_WATCH_PAUSES * 3000 - 3000 - 1;
	assert_int_equal(desk_look(desk, desk_at(0, EVENING_S)).judged_s, desk_at(0, 0));
	assert_int_equal(desk_trials(desk).count, 0);
	assert_ok(rollout_watch_stop(desk->database, "face-library", "5.1.0", "CN=Tanaka", "cameras go dark",
			  desk_at(0, EVENING_S), &is_stopped, &err),
		&err);
	desk->now_ms -= 3000;
	(void)desk_look(desk, desk_at(0, EVENING_S + 1));
	brake = desk_statement(desk);
	assert_int_equal(brake->stops_count, 1);
	assert_int_equal(desk_look(desk, desk_at(0, EVENING_S + 5)).judged_s, desk_at(0, EVENING_S + 5));
	assert_int_equal(desk_trials(desk).cohorts[0].taken, PILOTS);
}

TESTS(desk_open, desk_close)
