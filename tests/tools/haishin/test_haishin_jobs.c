/* What staff see while a job is at work, and how it ended. */
#include <signal.h>

#include "agent/store/history.h"
#include "tests/tools/haishin/running.h"

#define DISTRO_APP "\"package\":\"distro-app\",\"version\":\"2.0\",\"number\":1,\"of\":2,"

static const char job_of_two_packages[] =
	JOB_SAYS("{\"state\":\"fetching\"," DISTRO_APP "\"bytes\":1048576,\"total\":4194304}")
	JOB_SAYS("{\"state\":\"fetching\"," DISTRO_APP
		 "\"bytes\":2097152,\"total\":4194304,\"rate\":1048576,\"left_s\":2}")
	JOB_SAYS("{\"state\":\"staged\"," DISTRO_APP
		 "\"bytes\":4194304,\"total\":4194304,\"saved\":3145728,\"saved_by_delta\":2097152,"
		 "\"saved_by_resume\":1048576}")
	JOB_SAYS("{\"state\":\"fetching\",\"package\":\"face-library\",\"version\":\"5.1.0\",\"number\":2,"
		 "\"of\":2,\"bytes\":0,\"total\":10}")
	JOB_ENDS("2");

TEST_CASE(test_download_now_prints_each_step_once_where_there_is_no_terminal)
{
	agent_fixture_start(*state, job_of_two_packages);
	assert_prints(*state, "download-now",
		"[1/2] distro-app 2.0: downloading\n"
		"[1/2] distro-app 2.0: ready, restart (4.0 MiB downloaded; 3.0 MiB saved: 2.0 by a "
		"delta, 1.0 by going on)\n"
		"[2/2] face-library 5.1.0: downloading\n"
		"2 packages are ready. Restart this terminal to use them.\n");
}

TEST_CASE(test_download_now_draws_a_bar_on_a_terminal)
{
	agent_fixture_start(*state, job_of_two_packages);
	assert_int_equal(haishin_on_a_terminal(*state, "C", 80, "download-now")->status, 0);
	assert_said("[1/2] distro-app 2.0: downloading [######..................]   1.0/4.0 MiB  25%");
	assert_said("   2.0/4.0 MiB  50%  1.0 MiB/s  0:02 left");
	assert_said("\r\033[K2 packages are ready.");
}

TEST_CASE(test_a_screen_gets_the_newest_hundred_records)
{
	struct agent_fixture *fixture = *state;
	struct history_entry entry = {.operation = "check", .outcome = "done"};
	struct error err = {0};

	for (int i = 0; i < 130; i++)
		assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
	agent_fixture_start(fixture, JOB_WITHOUT_NEWS);
	(void)haishin_on_a_terminal(fixture, "C", 80, "history");
	assert_said("These are the newest 100 records; 'haishin history --limit 0' shows all.");
	assert_not_said("\n  1    ");
	(void)haishin_on_a_terminal(fixture, "C", 80, "history --limit 0");
	assert_said("\n  1    ");
	assert_says(fixture, "history", 0, "\n  1    ");
}

/* Speed and time left share the line with names in Japanese; they give way one by one, how far it is never does. */
TEST_CASE_WITH(test_how_far_it_is_stays_on_a_narrow_terminal, NULL, NULL)
{
	static const char job[] =
		JOB_SAYS("{\"state\":\"fetching\",\"package\":\"reader-app/acme\",\"version\":\"12.10.3\","
			 "\"number\":1,\"of\":4,\"bytes\":1048576,\"total\":419430400,\"rate\":104857,"
			 "\"left_s\":3906}") JOB_ENDS("0");
	static const struct {
		unsigned short columns;
		const char *shown, *not_shown;
	} rows[] = {
		{100, "0.1 MiB/s  残り 1:05:06", "\a"},
		{84, "1.0/400.0 MiB   0%  残り 1:05:06", "MiB/s"},
		{80, "1.0/400.0 MiB   0%", "残り"},
		{50, "   0%", "400.0 MiB"},
		{30, "   0%", "400.0 MiB"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		void *fixture;

		assert_int_equal(agent_fixture_setup(&fixture), 0);
		agent_fixture_start(fixture, job);
		(void)haishin_on_a_terminal(fixture, "ja_JP.UTF-8", rows[i].columns, "download-now");
		assert_int_equal(
			agent_fixture_teardown(&fixture), 0); /* first, so that no agent outlives a failure */
		assert_said(rows[i].shown);
		assert_not_said(rows[i].not_shown);
	}
}

TEST_CASE(test_status_tells_how_far_a_job_is)
{
	struct watching watching;

	agent_fixture_start(*state,
		JOB_SAYS("{\"state\":\"fetching\",\"package\":\"face-library\",\"version\":\"5.1.0\",\"number\":2,"
			 "\"of\":4,\"bytes\":1048576,\"total\":4194304,\"rate\":524288,\"left_s\":3906}") JOB_WAITS);
	watching = haishin_begins(*state, "download-now", "[2/4] face-library 5.1.0: downloading");
	assert_says(*state, "status", 0, "At work: download now: [2/4] face-library 5.1.0: downloading\n");
	assert_says(*state, "status", 0, "1.0/4.0 MiB  25%  0.5 MiB/s  1:05:06 left\n");
	agent_fixture_let_job_go(*state);
	(void)haishin_ends(watching);
}

TEST_CASE(test_a_second_press_tells_how_many_seconds_are_left)
{
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_says(*state, "download-now", 0, "There is nothing new to download.\n");
	assert_says(*state, "download-now", 5, "Try again in 60 seconds.\n");
	assert_json(*state, "download-now", 5);
}

TEST_CASE(test_check_says_what_is_new)
{
	agent_fixture_start(*state, JOB_WITHOUT_NEWS);
	assert_says(*state, "check", 0, "asking the server\nThe server was asked. There is nothing new.\n");
	assert_json(*state, "check", 0);
}

TEST_CASE_WITH(test_ends_with_the_exit_status_of_the_jobs_error, NULL, NULL)
{
	static const struct {
		const char *code;
		int status;
		const char *part;
	} rows[] = {
		{"network", 8, "The distribution server cannot be reached."},
		{"certificate", 8, "The client certificate is not installed"},
		{"refused", 7, "cannot be trusted"},
		{"no-space", 9, "There is not enough space"},
		{"stopped", 75, "It goes on where it stopped"},
		{"failed", 1, "0800-080-4583"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		void *fixture;
		char job[256];

		assert_int_equal(agent_fixture_setup(&fixture), 0);
		(void)snprintf(job, sizeof(job),
			JOB_SAYS("{\"state\":\"end\",\"staged\":0,\"error\":\"%s\",\"exit\":8,\"message\":\"why\"}"),
			rows[i].code);
		agent_fixture_start(fixture, job);
		assert_says(fixture, "check", rows[i].status, rows[i].part);
		assert_json(fixture, "check", rows[i].status);
		assert_int_equal(agent_fixture_teardown(&fixture), 0);
	}
}

TEST_CASE(test_an_interrupt_leaves_the_agent_working_and_says_so)
{
	struct watching watching;

	agent_fixture_start(*state, JOB_IS_CHECKING JOB_WAITS JOB_ENDS("0"));
	watching = haishin_begins(*state, "check", "asking");
	assert_int_equal(kill(watching.pid, SIGINT), 0);
	assert_int_equal(haishin_ends(watching)->status, 130);
	assert_said("You stopped watching; haishin goes on working.");
	assert_says(*state, "status", 0, "At work: check\n");
	agent_fixture_let_job_go(*state);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
