#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/store/history.h"
#include "agent/store/pause.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define OUTPUT_BYTES 65536
#define ARGUMENTS_MOST 16

static const char job_without_news[] =
	"echo '{\"state\":\"checking\",\"number\":0,\"of\":0,\"bytes\":0,\"total\":0,\"saved\":0}' >&3\n"
	"echo '{\"state\":\"end\",\"staged\":0,\"available\":0,\"error\":\"none\",\"exit\":0,\"message\":\"\"}' "
	">&3\n";
static const char job_of_two_packages[] =
	"say() { echo \"$1\" >&3; }\n"
	"say "
	"'{\"state\":\"fetching\",\"package\":\"distro-app\",\"version\":\"2.0\",\"number\":1,\"of\":2,\"bytes\":"
	"1048576,\"total\":4194304}'\n"
	"say "
	"'{\"state\":\"fetching\",\"package\":\"distro-app\",\"version\":\"2.0\",\"number\":1,\"of\":2,\"bytes\":"
	"2097152,\"total\":4194304,\"rate\":1048576,\"left_s\":2}'\n"
	"say "
	"'{\"state\":\"staged\",\"package\":\"distro-app\",\"version\":\"2.0\",\"number\":1,\"of\":2,\"bytes\":"
	"4194304,\"total\":4194304,\"saved\":3145728,\"saved_by_delta\":2097152,\"saved_by_resume\":1048576}'\n"
	"say "
	"'{\"state\":\"fetching\",\"package\":\"face-library\",\"version\":\"5.1.0\",\"number\":2,\"of\":2,\"bytes\":"
	"0,\"total\":10}'\n"
	"say '{\"state\":\"end\",\"staged\":2,\"available\":0,\"error\":\"none\",\"exit\":0,\"message\":\"\"}'\n";
static const char job_that_fails[] = "echo "
				     "\"{\\\"state\\\":\\\"end\\\",\\\"staged\\\":0,\\\"error\\\":\\\"$code\\\","
				     "\\\"exit\\\":8,\\\"message\\\":\\\"why\\\"}\" >&3\n";
static const char job_that_waits[] =
	"echo '{\"state\":\"checking\",\"number\":0,\"of\":0,\"bytes\":0,\"total\":0}' >&3\n"
	"read -r go < \"$gate\"\n"
	"echo '{\"state\":\"end\",\"staged\":0,\"available\":0,\"error\":\"none\",\"exit\":0,\"message\":\"\"}' "
	">&3\n";

/* One run of the real program. */
struct run {
	char output[OUTPUT_BYTES]; /* stdout and stderr */
	int status;
};

/* In LOCALE, or "LOCALE:LANGUAGE". */
static void speak(const char *locale)
{
	const char *colon = strchr(locale, ':');
	char *lang = strndup(locale, strcspn(locale, ":"));

	(void)setenv("LANGUAGE", colon ? colon + 1 : "", 1); /* empty is no more than none at all */
	(void)unsetenv("LC_ALL");
	(void)unsetenv("LC_MESSAGES");
	(void)setenv("LANG", lang, 1);
	free(lang);
}

static _Noreturn void become_haishin(struct agent_fixture *fixture, const char *locale, const char *arguments)
{
	const char *argv[ARGUMENTS_MOST + 4] = {"haishin", "--root", fixture->folder.path};
	char *words = strdup(arguments);
	int count = 3;

	for (char *word = strtok(words, " "); word && count < ARGUMENTS_MOST; word = strtok(NULL, " "))
		argv[count++] = word;
	speak(locale);
	(void)execv(HAISHIN, (char *const *)argv);
	_exit(127);
}

static void read_all(int fd, struct run *run)
{
	size_t len = 0;
	ssize_t got;

	while ((got = read(fd, run->output + len, sizeof(run->output) - 1 - len)) > 0)
		len += (size_t)got;
	run->output[len] = '\0';
}

static void finish(pid_t pid, struct run *run)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Starts it and waits until its output begins with SAYS: it watches by then. */
static pid_t watch(struct agent_fixture *fixture, const char *arguments, const char *says, int *ret_output_fd)
{
	char said[128] = "";
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		(void)dup2(fds[1], STDOUT_FILENO);
		(void)dup2(fds[1], STDERR_FILENO);
		become_haishin(fixture, "C", arguments);
	}
	(void)close(fds[1]);
	for (size_t len = 0; len < strlen(says); len++)
		assert_int_equal(read(fds[0], said + len, 1), 1);
	assert_string_equal(said, says);
	*ret_output_fd = fds[0];
	return pid;
}

static void haishin_in(struct agent_fixture *fixture, const char *locale, const char *arguments, struct run *run)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		(void)dup2(fds[1], STDOUT_FILENO);
		(void)dup2(fds[1], STDERR_FILENO);
		(void)close(fds[0]);
		(void)close(fds[1]);
		become_haishin(fixture, locale, arguments);
	}
	(void)close(fds[1]);
	read_all(fds[0], run);
	(void)close(fds[0]);
	finish(pid, run);
}

static void haishin(struct agent_fixture *fixture, const char *arguments, struct run *run)
{
	haishin_in(fixture, "C", arguments, run);
}

/* Runs it, and checks exit status and a part of what it says. */
static void assert_says(void **state, const char *arguments, int status, const char *part)
{
	static struct run run;

	haishin(*state, arguments, &run);
	if (run.status != status || !strstr(run.output, part))
		fail_msg("haishin %s: expected %d with '%s', got %d: %s", arguments, status, part, run.status,
			run.output);
}

/* Runs it with --json: the output is one JSON object with the exit status in it. */
static json_t *ask_json(void **state, const char *arguments, int status)
{
	static struct run run;
	char words[256];
	json_error_t where;
	json_t *answer;

	(void)snprintf(words, sizeof(words), "--json %s", arguments);
	haishin(*state, words, &run);
	answer = json_loads(run.output, JSON_REJECT_DUPLICATES, &where);
	if (!json_is_object(answer))
		fail_msg("haishin --json %s: %s: %s", arguments, where.text, run.output);
	assert_int_equal(run.status, status);
	assert_int_equal(json_integer_value(json_object_get(answer, "exit")), status);
	return answer;
}

static void install_all(struct agent_fixture *fixture)
{
	agent_fixture_install(fixture, "distro-app", "1.0.0-aaaaaaaa");
	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_install(fixture, "face-library", "5.1.0-bbbbbbbb");
	agent_fixture_install(fixture, "linkage-app", "1.1.0-aaaaaaaa");
	agent_fixture_install(fixture, "reader-app/acme", "3.0-aaaaaaaa");
	agent_fixture_keep_catalog(fixture, "5.1.0");
	agent_fixture_note_contact(fixture);
}

/* ---- Without an agent. ---- */

static void test_says_clearly_that_no_agent_runs(void **state)
{
	static const char *const verbs[] = {"status", "check", "download-now", "history", "history verify", "enable",
		"disable", "hold a", "unhold a", "rollback a", "explain"};

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		AUTO(json) json_t *answer = ask_json(state, verbs[i], 1);

		assert_string_equal(json_string_value(json_object_get(answer, "error")), "no-agent");
		assert_says(state, verbs[i], 1, "haishin is not running on this terminal.");
	}
	assert_says(state, "version", 0, "haishind (not running)");
}

static void test_refuses_what_it_does_not_understand(void **state)
{
	static const char *const rows[][2] = {
		{"frobnicate", "There is no 'frobnicate'."},
		{"", "It does not say what to do."},
		{"--frob status", "There is no option '--frob', or it lacks its value."},
		{"hold", "Write: haishin hold PACKAGE"},
		{"status --why x", "'status' does not take one of these options."},
		{"history --csv --jsonl", "one of --csv, --jsonl and --json"},
		{"history --limit many", "--limit takes a count"},
		{"history frobnicate", "history export [FILE], or history key"},
		{"history export --csv", "Write: haishin history"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(json) json_t *answer = ask_json(state, rows[i][0], 2);

		assert_string_equal(json_string_value(json_object_get(answer, "error")), "usage");
		assert_says(state, rows[i][0], 2, rows[i][1]);
	}
}

static void test_names_a_configuration_that_is_missing_or_wrong(void **state)
{
	struct agent_fixture *fixture = *state;

	assert_says(state, "--config /no/such/file status", 3, "/no/such/file");
	folder_put(&fixture->folder, "bad.conf", "[server\n", 8);
	assert_int_equal(chdir(fixture->folder.path), 0);
	assert_says(state, "--config bad.conf status", 1, "bad.conf:1:");
	assert_int_equal(chdir("/"), 0);
}

static void test_help_needs_no_agent(void **state)
{
	assert_says(state, "help", 0, "download-now");
	assert_says(state, "--help", 0, "Exit status: 0 done");
}

/* ---- Status. ---- */

static void test_status_begins_with_a_verdict_and_one_next_step(void **state)
{
	static const char expected[] = "Up to date: All packages are at their newest version.\n"
				       "Next step: Nothing to do.\n"
				       "\n"
				       "  Package          Version  State   Name\n"
				       "  distro-app       1.0.0    newest  Distribution application\n"
				       "  face-library     5.1.0    newest  Face authentication library\n"
				       "  linkage-app      1.1.0    newest  Linkage application\n"
				       "  reader-app/acme  3.0      newest  Card reader application\n"
				       "\n"
				       "Last contact with the server: 2026-01-10 12:00\n";
	static struct run run;

	install_all(*state);
	agent_fixture_start(*state, job_without_news);
	haishin(*state, "status", &run);
	assert_int_equal(run.status, 0);
	assert_memory_equal(run.output, expected, sizeof(expected) - 1);
}

static void test_status_in_japanese_lines_up_its_columns(void **state)
{
	static const char expected[] =
		"再起動してください: 新しいバージョンの準備ができました。再起動すると使えるようになります。\n"
		"次にすること: この端末を再起動してください。\n"
		"\n"
		"  パッケージ       バージョン      状態        名称\n"
		"  distro-app       1.0.0           最新        配信アプリケーション\n"
		"  face-library     5.1.0 -> 5.2.0  再起動待ち  顔認証ライブラリ\n"
		"  linkage-app      1.1.0           最新        連携アプリケーション\n"
		"  reader-app/acme  3.0             最新\n"
		"      顔認証付きカードリーダーアプリケーション\n"
		"\n"
		"配信サーバーとの最後の接続: 2026-01-10 12:00\n";
	static struct run run;

	install_all(*state);
	agent_fixture_stage(*state, "face-library", "5.2.0", DIGEST_B);
	agent_fixture_start(*state, job_without_news);
	haishin_in(*state, "ja_JP.UTF-8", "status", &run); /* whether or not that locale is installed */
	assert_int_equal(run.status, 0);
	assert_memory_equal(run.output, expected, sizeof(expected) - 1);
}

static void test_speaks_the_language_asked_for_whatever_locales_are_installed(void **state)
{
	static const char *const rows[][2] = {
		{"ja_JP.UTF-8", "haishin が動いていません"},
		{"ja_JP.eucJP", "haishin が動いていません"},
		{"ja_JP.UTF-8:en", "haishin is not running"},
		{"C.UTF-8:ja", "haishin が動いていません"},
		{"C.UTF-8", "haishin is not running"},
		{"C:ja", "haishin is not running"}, /* what scripts read is in "C" */
		{"POSIX:ja", "haishin is not running"},
	};
	static struct run run;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		haishin_in(*state, rows[i][0], "status", &run);
		if (!strstr(run.output, rows[i][1]))
			fail_msg("in %s: expected '%s', got: %s", rows[i][0], rows[i][1], run.output);
	}
}

static void test_status_puts_names_below_where_a_terminal_has_no_room(void **state)
{
	static struct run run;

	install_all(*state);
	agent_fixture_install(*state, "face-library", "123456.789012.345678-cccccccc");
	agent_fixture_stage(*state, "face-library", "987654321.987654321.987654321", DIGEST_B);
	agent_fixture_start(*state, job_without_news);
	haishin_in(*state, "ja_JP.UTF-8", "status", &run);
	assert_non_null(strstr(run.output, "  distro-app       1.0.0 "));
	assert_non_null(strstr(run.output, "\n      顔認証付きカードリーダーアプリケーション\n"));
}

static void test_status_for_monitoring_is_one_line_and_an_exit_status(void **state)
{
	struct agent_fixture *fixture = *state;

	assert_says(state, "status --check", 3, "HAISHIN UNKNOWN: haishin is not running on this terminal.");
	agent_fixture_install(fixture, "face-library", "5.1.0-aaaaaaaa");
	agent_fixture_start(fixture, "true");
	assert_says(state, "status --check", 1, "HAISHIN WARNING: This terminal is being set up");
}

static void test_answers_the_options_that_people_try_first(void **state)
{
	assert_says(state, "--version", 0, "haishin " HAISHIN_VERSION "\n");
	assert_says(state, "-V", 0, "haishin " HAISHIN_VERSION "\n");
	assert_says(state, "-h", 0, "usage: haishin");
	assert_says(state, "disable -h", 0, "--until DATE");
}

static void test_status_shows_what_is_disabled_and_held(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};

	install_all(fixture);
	assert_ok(pause_set(fixture->terminal.store, "", NOON_S + 86400, "front-desk", "billing week", &err), &err);
	assert_ok(pause_set(fixture->terminal.store, "face-library", 0, "vendor", "trial", &err), &err);
	agent_fixture_start(fixture, job_without_news);
	assert_says(state, "status", 0,
		"Needs attention: Delivery is disabled on this terminal, so it gets no updates.\n");
	assert_says(state, "status", 0,
		"Delivery disabled since 2026-01-10 12:00 until 2026-01-11 12:00, by front-desk.\n  Reason: billing "
		"week\n");
	assert_says(state, "status", 0, "face-library held since 2026-01-10 12:00, by vendor.\n  Reason: trial\n");
	assert_says(state, "status", 0, "0800-080-4583");
}

/* ---- Jobs. ---- */

static void test_download_now_prints_each_step_once_where_there_is_no_terminal(void **state)
{
	static const char expected[] =
		"[1/2] distro-app 2.0: downloading\n"
		"[1/2] distro-app 2.0: ready, restart (4.0 MiB downloaded; 3.0 MiB saved: 2.0 by a "
		"delta, 1.0 by going on)\n"
		"[2/2] face-library 5.1.0: downloading\n"
		"2 packages are ready. Restart this terminal to use them.\n";
	static struct run run;

	agent_fixture_start(*state, job_of_two_packages);
	haishin(*state, "download-now", &run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.output, expected);
}

/* On a terminal of so many columns. */
static void on_a_terminal(struct agent_fixture *fixture, const char *language, unsigned short columns,
	const char *command, struct run *run)
{
	struct winsize size = {.ws_row = 24, .ws_col = columns};
	int terminal_fd;
	pid_t pid = forkpty(&terminal_fd, NULL, NULL, &size);

	assert_true(pid >= 0);
	if (pid == 0)
		become_haishin(fixture, language, command);
	read_all(terminal_fd, run);
	(void)close(terminal_fd);
	finish(pid, run);
}

static void download_on_a_terminal(
	struct agent_fixture *fixture, const char *language, unsigned short columns, struct run *run)
{
	on_a_terminal(fixture, language, columns, "download-now", run);
}

static void test_a_screen_gets_the_newest_hundred_records(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	static struct run run;

	for (int i = 0; i < 130; i++)
		assert_ok(history_add(fixture->terminal.store,
				  &(struct history_entry){.operation = "check", .outcome = "done"}, &err),
			&err);
	agent_fixture_start(fixture, job_without_news);
	on_a_terminal(fixture, "C", 80, "history", &run);
	assert_non_null(
		strstr(run.output, "These are the newest 100 records; 'haishin history --limit 0' shows all."));
	assert_null(strstr(run.output, "\n  1    "));
	on_a_terminal(fixture, "C", 80, "history --limit 0", &run);
	assert_non_null(strstr(run.output, "\n  1    "));
	haishin(fixture, "history", &run);
	assert_non_null(strstr(run.output, "\n  1    "));
}

static void test_download_now_draws_a_bar_on_a_terminal(void **state)
{
	static struct run run;

	agent_fixture_start(*state, job_of_two_packages);
	download_on_a_terminal(*state, "C", 80, &run);
	assert_int_equal(run.status, 0);
	assert_non_null(strstr(
		run.output, "[1/2] distro-app 2.0: downloading [######..................]   1.0/4.0 MiB  25%"));
	assert_non_null(strstr(run.output, "   2.0/4.0 MiB  50%  1.0 MiB/s  0:02 left"));
	assert_non_null(strstr(run.output, "\r\033[K2 packages are ready."));
}

/* Speed and time left share the line with names in Japanese; they give way one by one, how far it is never does. */
static void test_how_far_it_is_stays_on_a_narrow_terminal(void **state)
{
	static const char job[] =
		"echo "
		"'{\"state\":\"fetching\",\"package\":\"reader-app/acme\",\"version\":\"12.10.3\",\"number\":1,"
		"\"of\":4,\"bytes\":1048576,\"total\":419430400,\"rate\":104857,\"left_s\":3906}' >&3\n"
		"echo "
		"'{\"state\":\"end\",\"staged\":0,\"available\":0,\"error\":\"none\",\"exit\":0,\"message\":\"\"}' "
		">&3\n";
	static const struct {
		unsigned short columns;
		const char *shown, *not_shown;
	} rows[] = {
		{100, "0.1 MiB/s  残り 1:05:06", ""},
		{84, "1.0/400.0 MiB   0%  残り 1:05:06", "MiB/s"},
		{80, "1.0/400.0 MiB   0%", "残り"},
		{50, "   0%", "400.0 MiB"},
		{30, "   0%", "400.0 MiB"},
	};
	static struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		void *fixture;

		assert_int_equal(agent_fixture_setup(&fixture), 0);
		agent_fixture_start(fixture, job);
		download_on_a_terminal(fixture, "ja_JP.UTF-8", rows[i].columns, &run);
		assert_int_equal(
			agent_fixture_teardown(&fixture), 0); /* first, so that no agent outlives a failure */
		assert_non_null(strstr(run.output, rows[i].shown));
		assert_true(!*rows[i].not_shown || !strstr(run.output, rows[i].not_shown));
	}
}

static void test_status_tells_how_far_a_job_is(void **state)
{
	static const char job[] =
		"echo "
		"'{\"state\":\"fetching\",\"package\":\"face-library\",\"version\":\"5.1.0\",\"number\":2,\"of\":4,"
		"\"bytes\":1048576,\"total\":4194304,\"rate\":524288,\"left_s\":3906}' >&3\n"
		"read -r go < \"$gate\"\n";
	struct agent_fixture *fixture = *state;
	static struct run run;
	int output_fd;
	pid_t pid;

	agent_fixture_start(fixture, job);
	pid = watch(fixture, "download-now", "[2/4] face-library 5.1.0: downloading", &output_fd);
	assert_says(state, "status", 0, "At work: download now: [2/4] face-library 5.1.0: downloading\n");
	assert_says(state, "status", 0, "1.0/4.0 MiB  25%  0.5 MiB/s  1:05:06 left\n");
	agent_fixture_let_job_go(fixture);
	read_all(output_fd, &run);
	(void)close(output_fd);
	finish(pid, &run);
}

static void test_a_second_press_tells_how_many_seconds_are_left(void **state)
{
	agent_fixture_start(*state, job_without_news);
	assert_says(state, "download-now", 0, "There is nothing new to download.\n");
	assert_says(state, "download-now", 5, "Try again in 60 seconds.\n");
	json_decref(ask_json(state, "download-now", 5));
}

static void test_check_says_what_is_new(void **state)
{
	agent_fixture_start(*state, job_without_news);
	assert_says(state, "check", 0, "asking the server\nThe server was asked. There is nothing new.\n");
	json_decref(ask_json(state, "check", 0));
}

static void test_ends_with_the_exit_status_of_the_jobs_error(void **state)
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
		void *own_state;
		char job[512];

		assert_int_equal(agent_fixture_setup(&own_state), 0);
		(void)snprintf(job, sizeof(job), "code=%s\n%s", rows[i].code, job_that_fails);
		agent_fixture_start(own_state, job);
		assert_says(&own_state, "check", rows[i].status, rows[i].part);
		json_decref(ask_json(&own_state, "check", rows[i].status));
		assert_int_equal(agent_fixture_teardown(&own_state), 0);
	}
	(void)state;
}

static void test_an_interrupt_leaves_the_agent_working_and_says_so(void **state)
{
	struct agent_fixture *fixture = *state;
	static struct run run;
	int output_fd;
	pid_t pid;

	agent_fixture_start(fixture, job_that_waits);
	pid = watch(fixture, "check", "asking", &output_fd);
	assert_int_equal(kill(pid, SIGINT), 0);
	read_all(output_fd, &run);
	(void)close(output_fd);
	finish(pid, &run);
	assert_int_equal(run.status, 130);
	assert_non_null(strstr(run.output, "You stopped watching; haishin goes on working."));
	assert_says(state, "status", 0, "At work: check\n");
	agent_fixture_let_job_go(fixture);
}

/* ---- Changes. ---- */

static void test_disables_and_enables(void **state)
{
	agent_fixture_start(*state, job_without_news);
	assert_says(state, "enable", 0, "Delivery was not disabled; nothing was changed.\n");
	assert_says(state, "disable --until 2026-01-31 --why billing", 0,
		"It stays disabled until the end of 2026-01-31, and goes on by itself the day after.\n");
	assert_says(state, "download-now", 4, "Delivery is disabled on this terminal.");
	assert_says(state, "disable --until 2026-01-09", 2, "is over already");
	json_decref(ask_json(state, "disable", 0));
	assert_says(state, "enable", 0, "Delivery goes on.\n");
	json_decref(ask_json(state, "enable", 0));
}

static void test_holds_and_lets_go(void **state)
{
	agent_fixture_start(*state, job_without_news);
	assert_says(state, "hold face-library --why trial", 0, "'haishin unhold face-library' ends that.\n");
	assert_says(state, "unhold face-library", 0, "face-library is delivered again.\n");
	assert_says(state, "unhold face-library", 0, "was not held; nothing was changed.\n");
	assert_says(state, "hold solitaire", 3, "'solitaire'");
	json_decref(ask_json(state, "hold reader-app/acme", 0));
	json_decref(ask_json(state, "unhold reader-app/acme", 0));
}

static void test_rolls_back(void **state)
{
	install_all(*state);
	agent_fixture_start(*state, job_without_news);
	assert_says(state, "rollback linkage-app", 3, "There is no former version on this terminal to go back to.");
	assert_says(state, "rollback linkage-app", 3, "linkage-app has no former release");
	assert_says(state, "rollback face-library", 0,
		"face-library goes back from 5.1.0 to 5.0.2 with the next restart.\n");
	assert_says(state, "status", 0, "Please restart: The former version comes back with the next restart.\n");
	json_decref(ask_json(state, "rollback face-library", 0));
}

/* ---- History and the rest. ---- */

static void add_history(struct agent_fixture *fixture)
{
	struct history_entry entry = {.operation = "fetch",
		.package = "face-library",
		.version = "5.1.0",
		.digest = DIGEST_B,
		.outcome = "failed",
		.error = ERROR_NETWORK,
		.detail = "no \"contact\", none"};
	struct error err = {0};

	assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
	entry = (struct history_entry){.operation = "stage",
		.package = "face-library",
		.version = "5.1.0",
		.digest = DIGEST_B,
		.outcome = "done"};
	assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
}

static void test_history_is_a_table(void **state)
{
	static const char expected[] =
		"  No.  Time              Operation   Package       Version  Digest    Outcome\n"
		"  1    2026-01-10 12:00  download    face-library  5.1.0    bbbbbbbb  failed\n"
		"      no \"contact\", none\n"
		"  2    2026-01-10 12:00  make ready  face-library  5.1.0    bbbbbbbb  done\n";
	static struct run run;

	add_history(*state);
	agent_fixture_start(*state, job_without_news);
	haishin(*state, "history", &run);
	assert_int_equal(run.status, 0);
	assert_string_equal(run.output, expected);
}

static void test_history_is_csv_or_json_lines(void **state)
{
	add_history(*state);
	agent_fixture_start(*state, job_without_news);
	assert_says(state, "history --csv", 0,
		"number,time,boot,operation,package,version,digest,outcome,error,detail,previous,row_digest\r\n1,"
		"\"2026-01-10T03:00:00Z\","
		"\"boot-1\",\"fetch\",\"face-library\",\"5.1.0\",\"" DIGEST_B
		"\",\"failed\",\"network\",\"no \"\"contact\"\", none\",");
	assert_says(state, "history --jsonl --outcome done", 0, "{\"number\":2,\"time\":\"2026-01-10T03:00:00Z\"");
}

static void test_history_is_filtered_and_verified(void **state)
{
	AUTO(json) json_t *all = NULL;
	AUTO(json) json_t *newest = NULL;
	AUTO(json) json_t *other = NULL;

	add_history(*state);
	agent_fixture_start(*state, job_without_news);
	all = ask_json(state, "history", 0);
	newest = ask_json(state, "history --limit 1", 0);
	other = ask_json(state, "history --package linkage-app", 0);
	assert_int_equal(json_array_size(json_object_get(all, "rows")), 2);
	assert_int_equal(json_array_size(json_object_get(newest, "rows")), 1);
	assert_int_equal(json_array_size(json_object_get(other, "rows")), 0);
	assert_says(state, "history --since yesterday", 2, "neither a day");
	assert_says(state, "history verify", 0, "The history is sound: 2 rows");
	json_decref(ask_json(state, "history verify", 0));
}

static void test_explains_the_gate_that_decides(void **state)
{
	install_all(*state);
	agent_fixture_start(*state, job_without_news);
	assert_says(state, "explain face-library", 0,
		"  =>  there is a newer version          not met  5.1.0 -> 5.1.0 (catalog)\n");
	assert_says(state, "explain face-library", 0, "It is at its newest version: there is nothing to deliver.\n");
	assert_says(state, "explain solitaire", 3, "'solitaire'");
	json_decref(ask_json(state, "explain", 0));
}

static void test_says_what_of_what_was_named_is_not_there(void **state)
{
	agent_fixture_start(*state, job_without_news);
	assert_says(state, "install /etc", 3, "This folder holds no updates.");
	assert_says(state, "install /nowhere", 3, "This folder cannot be opened.");
	assert_says(state, "env nowhere", 3, "There is no environment of that name.");
	assert_says(state, "report", 3, "There is no campaign to report on.");
}

static void test_version_asks_the_agent_too(void **state)
{
	agent_fixture_start(*state, job_without_news);
	assert_says(state, "version", 0, "haishin " HAISHIN_VERSION "\nhaishind " HAISHIN_VERSION "\n");
	json_decref(ask_json(state, "version", 0));
}

static void test_what_a_server_or_a_person_wrote_does_not_act_on_the_terminal(void **state)
{
	struct agent_fixture *fixture = *state;
	struct error err = {0};
	static struct run run;

	assert_ok(pause_set(fixture->terminal.store, "", 0, "me", "\033[2Jgone", &err), &err);
	agent_fixture_start(fixture, job_without_news);
	haishin(fixture, "status", &run);
	assert_null(strchr(run.output, '\033'));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, agent_fixture_setup, agent_fixture_teardown)
		TEST(test_says_clearly_that_no_agent_runs),
		TEST(test_refuses_what_it_does_not_understand),
		TEST(test_names_a_configuration_that_is_missing_or_wrong),
		TEST(test_help_needs_no_agent),
		TEST(test_status_begins_with_a_verdict_and_one_next_step),
		TEST(test_status_in_japanese_lines_up_its_columns),
		TEST(test_speaks_the_language_asked_for_whatever_locales_are_installed),
		TEST(test_status_puts_names_below_where_a_terminal_has_no_room),
		TEST(test_status_for_monitoring_is_one_line_and_an_exit_status),
		TEST(test_answers_the_options_that_people_try_first),
		TEST(test_status_shows_what_is_disabled_and_held),
		TEST(test_download_now_prints_each_step_once_where_there_is_no_terminal),
		TEST(test_download_now_draws_a_bar_on_a_terminal),
		TEST(test_a_screen_gets_the_newest_hundred_records),
		TEST(test_how_far_it_is_stays_on_a_narrow_terminal),
		TEST(test_status_tells_how_far_a_job_is),
		TEST(test_a_second_press_tells_how_many_seconds_are_left),
		TEST(test_check_says_what_is_new),
		TEST(test_ends_with_the_exit_status_of_the_jobs_error),
		TEST(test_an_interrupt_leaves_the_agent_working_and_says_so),
		TEST(test_disables_and_enables),
		TEST(test_holds_and_lets_go),
		TEST(test_rolls_back),
		TEST(test_history_is_a_table),
		TEST(test_history_is_csv_or_json_lines),
		TEST(test_history_is_filtered_and_verified),
		TEST(test_explains_the_gate_that_decides),
		TEST(test_says_what_of_what_was_named_is_not_there),
		TEST(test_version_asks_the_agent_too),
		TEST(test_what_a_server_or_a_person_wrote_does_not_act_on_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
