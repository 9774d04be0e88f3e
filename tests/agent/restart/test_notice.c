#include <stdlib.h>
#include <string.h>

#include "agent/restart/notice.h"
#include "rollback/plan.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define FILE_BELOW "run/haishin/" NOTICE_FILE

/* Counts how often the program of the notice runs. */
static int count_run(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	(void)err;
	assert_string_equal(request->argv[0], "/tell");
	*ret_result = (struct process_result){0};
	++*(int *)processes->context;
	return 0;
}

static void restart_is_no_longer_due(struct agent_fixture *fixture)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct error err = {0};

	assert_ok(plan_write(&fixture->fs, fixture->terminal.boot_dir_fd, plan, &err), &err);
	free(plan);
	notice_update(&fixture->terminal);
}

TEST_CASE(test_tells_once_that_a_restart_is_due_and_takes_it_back_by_itself)
{
	struct agent_fixture *fixture = *state;
	int runs = 0;
	struct processes processes = {.run = count_run, .context = &runs};
	char *text;
	size_t len;

	free(fixture->config.notice_command_path);
	fixture->config.notice_command_path = strdup("/tell");
	fixture->env.processes = &processes;
	notice_update(&fixture->terminal);
	assert_null(folder_get(&fixture->folder, FILE_BELOW, &len));
	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_B);
	notice_update(&fixture->terminal);
	agent_fixture_stage(fixture, "linkage-app", "2.0", DIGEST_A);
	notice_update(&fixture->terminal);
	assert_int_equal(runs, 1);
	text = folder_get(&fixture->folder, FILE_BELOW, &len);
	assert_non_null(text);
	assert_string_equal(text, "face-library staged 5.1.0-bbbbbbbb\nlinkage-app staged 2.0-aaaaaaaa\n");
	free(text);
	restart_is_no_longer_due(fixture);
	assert_null(folder_get(&fixture->folder, FILE_BELOW, &len));
	agent_fixture_stage(fixture, "distro-app", "9.0", DIGEST_A);
	notice_update(&fixture->terminal);
	assert_int_equal(runs, 2);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
