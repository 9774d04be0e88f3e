/* The button, and what else begins a job. */
#include "agent/resident/resident_job.h"
#include "tests/agent/asking.h"

static void pass(struct agent_fixture *fixture, int64_t seconds, int64_t monotonic_s)
{
	fixture->now_s += seconds;
	fixture->monotonic_ms += monotonic_s * 1000;
}

/* The job that a press began has come to its end. */
static void press_to_its_end(struct agent_fixture *fixture)
{
	begins(fixture, "DownloadNow");
	resident_job_stop(&fixture->resident);
}

TEST_CASE(test_the_button_starts_a_job_and_is_recorded)
{
	struct agent_fixture *fixture = *state;

	begins(fixture, "DownloadNow");
	assert_true(fixture->resident.job.running);
	assert_int_equal(fixture->resident.job.kind, JOB_BUTTON);
	assert_int_equal(count_history(fixture, "download-now", "begun"), 1);
}

TEST_CASE(test_a_second_press_within_a_minute_tells_how_many_seconds_are_left)
{
	const json_t *second;

	press_to_its_end(*state);
	pass(*state, 20, 20);
	second = refused(*state, "DownloadNow", NULL, ERROR_THROTTLED, "again in 40 seconds");
	assert_int_equal(number_at(second, "seconds_left"), 40);
	assert_int_equal(count_history(*state, "download-now", NULL), 1);
}

TEST_CASE(test_a_changed_clock_does_not_shorten_the_minute)
{
	press_to_its_end(*state);
	pass(*state, 86400, 1);
	(void)refused(*state, "DownloadNow", NULL, ERROR_THROTTLED, "59 seconds");
}

TEST_CASE(test_a_press_while_the_button_is_at_work_follows_it)
{
	begins(*state, "DownloadNow");
	pass(*state, 61, 61);
	begins(*state, "DownloadNow");
	assert_int_equal(count_history(*state, "download-now", NULL), 1);
}

TEST_CASE(test_a_press_while_the_night_is_at_work_follows_it)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	assert_ok(resident_job_start(&fixture->resident, JOB_NIGHT, &err), &err);
	begins(fixture, "DownloadNow");
	assert_int_equal(fixture->resident.job.kind, JOB_NIGHT);
	assert_int_equal(count_history(fixture, "download-now", NULL), 0);
}

TEST_CASE(test_a_press_while_another_job_is_at_work_is_told_to_wait)
{
	begins(*state, "Check");
	(void)refused(*state, "DownloadNow", NULL, ERROR_BUSY, "job check is at work");
}

TEST_CASE(test_the_button_is_refused_while_disabled_with_the_way_out)
{
	struct agent_fixture *fixture = *state;
	const json_t *answer;

	(void)asked(fixture, "Disable", "{\"why\":\"billing week\"}");
	answer = refused(
		fixture, "DownloadNow", NULL, ERROR_DISABLED, "billing week; 'haishin enable' ends that");
	assert_string_equal(text_at(answer, "disabled.why"), "billing week");
	(void)refused(fixture, "Check", NULL, ERROR_DISABLED, "billing week");
	assert_false(fixture->resident.job.running);
}

TEST_CASE(test_install_names_what_is_wrong_with_a_path_and_begins_nothing)
{
	struct agent_fixture *fixture = *state;

	(void)refused(fixture, "Install", "{\"path\":\"stick\"}", ERROR_USAGE, "absolute path");
	(void)refused(fixture, "Install", "{\"path\":\"/mnt\\n\"}", ERROR_USAGE, "control character");
	assert_false(fixture->resident.job.running);
	assert_int_equal(count_history(fixture, "install", "begun"), 0);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
