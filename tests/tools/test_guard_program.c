/* haishin-guard as the service manager runs it, below a private root. */
#include "tests/support/test.h"

#include <stdio.h>
#include <sys/stat.h>

#include "tests/rollback/machine.h"

#define OLD FOLDER_OF("5.0.2")
#define NEW FOLDER_OF("5.1.0")
#define CONFIG "etc/haishin/haishin.conf"

/* What the machine's folders are called, and settings that are the agent's business. */
static const char config[] =
	"[paths]\nstate = /\npackages = /opt\nboot_id = /boot_id\n[server]\nurl = https://example.jp\n"
	"[users]\nself_test = nobody\n";

static void put_text(struct machine *machine, const char *path, const char *text)
{
	folder_put(&machine->folder, path, text, strlen(text));
}

static int set_up(void **state)
{
	static struct machine machine; /* one test at a time */
	static const char *const packages[] = {"distro-app", "face-library"};

	machine_init(&machine);
	put_text(&machine, CONFIG, config);
	for (size_t i = 0; i < ARRAY_SIZE(packages); i++) {
		struct plan_entry entry = {.priority = (int)i + 1, .folder = NEW, .self_test = "check"};

		(void)strcpy(entry.package, packages[i]);
		machine_put_release(&machine, packages[i], OLD, 0, true);
		machine_put_release(&machine, packages[i], NEW, 0, false);
		machine_stage(&machine, &entry);
	}
	machine_restart(&machine);
	put_text(&machine, "boot_id", machine.boot_id);
	*state = &machine;
	return 0;
}

static int tear_down(void **state)
{
	machine_clear(*state);
	return 0;
}

/* Runs the program with up to three arguments behind --root; its exit status, and what it said. */
static int run_guard(struct machine *machine, struct buf *ret_said, const char *a, const char *b, const char *c)
{
	const char *const argv[] = {HAISHIN_GUARD, "--root", machine->folder.path, a, b, c, NULL};
	struct process_request request = {.argv = argv, .timeout_ms = 60000, .output = ret_said};
	struct process_result result = {0};
	struct error err = {0};

	assert_ok(machine->processes.run(&machine->processes, &request, &result, &err), &err);
	return result.exit_status;
}

TEST_CASE(test_activates_below_its_root)
{
	struct machine *machine = *state;
	AUTO(buf) struct buf said = BUF_INIT(4000);

	assert_int_equal(run_guard(machine, &said, "boot", NULL, NULL), 0);
	assert_true(machine_runs(machine, "face-library", NEW));
	assert_true(machine_runs(machine, "distro-app", NEW));
	assert_non_null(strstr(buf_text(&said), "face-library " NEW ": activated, former release " OLD));
	assert_non_null(
		strstr(buf_text(&said), "version " HAISHIN_VERSION ": 2 activated, 0 rolled back, 2 on trial"));
}

TEST_CASE(test_shows_what_it_has_to_do)
{
	struct machine *machine = *state;
	AUTO(buf) struct buf said = BUF_INIT(4000);

	assert_int_equal(run_guard(machine, &said, "status", NULL, NULL), 0);
	assert_non_null(strstr(buf_text(&said), "distro-app " NEW " staged, former none, start 0 of 3\n"));
}

TEST_CASE(test_takes_the_failing_agent_back_and_nothing_else)
{
	struct machine *machine = *state;
	AUTO(buf) struct buf said = BUF_INIT(4000);

	assert_int_equal(run_guard(machine, &said, "boot", NULL, NULL), 0);
	assert_int_equal(run_guard(machine, &said, "agent-failed", "--reason", "it hung"), 0);
	assert_true(machine_runs(machine, "distro-app", OLD));
	assert_true(machine_runs(machine, "face-library", NEW));
	assert_non_null(strstr(buf_text(&said), "rolled-back, former release " OLD ": it hung"));
}

TEST_CASE(test_a_wrong_configuration_keeps_nothing_from_starting)
{
	static const struct {
		const char *text, *complaint;
	} rows[] = {
		{"\xef\xbb\xbf[paths]\n", "byte order mark"},
		{"[paths]\nstate = relative\n", "haishin.conf:2: [paths] state is no absolute path"},
		{"nonsense\n", "neither a [section]"},
	};
	struct machine *machine = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(buf) struct buf said = BUF_INIT(4000);

		put_text(machine, CONFIG, rows[i].text);
		assert_int_equal(run_guard(machine, &said, "boot", NULL, NULL), 0);
		assert_non_null(strstr(buf_text(&said), rows[i].complaint));
		assert_true(machine_runs(machine, "face-library", OLD)); /* its plan is not where the defaults say */
	}
}

TEST_CASE(test_a_later_file_overrides_an_earlier_one)
{
	struct machine *machine = *state;
	AUTO(buf) struct buf said = BUF_INIT(4000);

	put_text(machine, CONFIG, "[paths]\nstate = /nowhere\n");
	put_text(machine, "etc/haishin/conf.d/10-site.conf", config);
	assert_int_equal(run_guard(machine, &said, "boot", NULL, NULL), 0);
	assert_true(machine_runs(machine, "face-library", NEW));
}

TEST_CASE(test_a_damaged_plan_keeps_nothing_from_starting)
{
	struct machine *machine = *state;
	AUTO(buf) struct buf said = BUF_INIT(4000);

	put_text(machine, "boot/plan", "haishin-plan 1\n");
	assert_int_equal(run_guard(machine, &said, "boot", NULL, NULL), 0);
	assert_non_null(strstr(buf_text(&said), "set aside"));
	assert_true(machine_runs(machine, "face-library", OLD));
}

TEST_CASE(test_wrong_arguments_end_with_2)
{
	struct machine *machine = *state;
	AUTO(buf) struct buf said = BUF_INIT(4000);

	assert_int_equal(run_guard(machine, &said, NULL, NULL, NULL), 2);
	assert_int_equal(run_guard(machine, &said, "reboot", NULL, NULL), 2);
	assert_int_equal(run_guard(machine, &said, "boot", "now", NULL), 2);
	assert_int_equal(run_guard(machine, &said, "--unknown", "boot", NULL), 2);
	assert_int_equal(run_guard(machine, &said, "--root", "terminal", "boot"), 2);
	assert_non_null(strstr(buf_text(&said), "--root 'terminal' is no absolute path"));
	assert_true(machine_runs(machine, "face-library", OLD));
}

TEST_CASE(test_says_which_version_it_is)
{
	AUTO(buf) struct buf said = BUF_INIT(4000);

	assert_int_equal(run_guard(*state, &said, "version", NULL, NULL), 0);
	assert_string_equal(buf_text(&said), "haishin-guard " HAISHIN_VERSION "\n");
}

TEST_CASE(test_links_no_network_no_json_no_archive_and_no_database)
{
	static const char *const forbidden[] = {
		"libcurl", "libjansson", "libarchive", "libsqlite", "libcrypto", "libzstd"};
	const char *const argv[] = {"/usr/bin/ldd", HAISHIN_GUARD, NULL};
	AUTO(buf) struct buf said = BUF_INIT(16000);
	struct process_request request = {.argv = argv, .timeout_ms = 60000, .output = &said};
	struct process_result result = {0};
	struct machine *machine = *state;
	struct error err = {0};

	assert_ok(machine->processes.run(&machine->processes, &request, &result, &err), &err);
	assert_non_null(strstr(buf_text(&said), "libc.so"));
	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
		assert_null(strstr(buf_text(&said), forbidden[i]));
}

TESTS(set_up, tear_down)
