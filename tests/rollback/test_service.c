/* What is asked of haishin-check@.service, and what it answers, with a stand-in for the service manager. */
#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/platform.h"
#include "rollback/sandbox/service.h"
#include "tests/support/folder.h"

struct place {
	struct folder folder;
	struct fs fs;
	struct clock clock;
	struct processes processes;
	struct env env;
	const char *request; /* NULL: as it was written; else what stands there instead */
	size_t request_len;
	bool refuses, ends_it;
	bool began; /* as the last one who asked was told */
};

/* The unit's program: says what it was handed. */
static int say(const struct env *env, const struct sandbox *sandbox, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	(void)env;
	*ret_result = (struct process_result){.exit_status = 3, .timed_out = true};
	return buf_printf(request->output, err, "%s %s %s '%s' %s %s %d %lld %s|%s|%s", sandbox->packages_path,
		sandbox->package, sandbox->folder, sandbox->former, sandbox->data, sandbox->user,
		sandbox->has_network, (long long)request->timeout_ms, sandbox->shown[0], request->argv[0],
		request->argv[1]);
}

/* As where memory ends: the service manager ends the unit with all that is in it. */
static int be_ended(const struct env *env, const struct sandbox *sandbox, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	(void)env, (void)sandbox, (void)request, (void)ret_result;
	return error_set(err, ERROR_FAILED, "ended");
}

static int start_unit(struct processes *processes, const struct process_request *request,
	struct process_result *ret_result, struct error *err)
{
	struct place *place = processes->context;
	char name[64], path[FOLDER_PATH_SIZE + 128];
	service_runner *const runner = place->ends_it ? be_ended : say;

	*ret_result = (struct process_result){.exit_status = place->refuses};
	if (place->refuses || strcmp(request->argv[1], "start") != 0)
		return 0;
	assert_string_equal(request->argv[0], PLATFORM_SERVICE_CONTROL);
	assert_int_equal(sscanf(request->argv[3], "haishin-check@%63[0-9-].service", name), 1);
	(void)snprintf(path, sizeof(path), "checks/%s.request", name);
	if (place->request)
		folder_put(&place->folder, path, place->request, place->request_len);
	(void)snprintf(path, sizeof(path), "%s/checks", place->folder.path);
	ret_result->exit_status = service_answer(&place->env, path, name, runner, err) < 0;
	return 0;
}

static int set_up(void **state)
{
	static struct place place; /* one test at a time */

	place = (struct place){0};
	folder_init(&place.folder);
	fs_init(&place.fs);
	clock_init(&place.clock, "");
	place.processes = (struct processes){.run = start_unit, .context = &place};
	place.env = (struct env){.clock = &place.clock, .fs = &place.fs, .processes = &place.processes};
	*state = &place;
	return 0;
}

static int tear_down(void **state)
{
	folder_clear(&((struct place *)*state)->folder);
	return 0;
}

static int ask(struct place *place, struct buf *output, struct process_result *ret_result, struct error *err)
{
	static const char *const shown[] = {"/run/haishin", NULL};
	static const char *const argv[] = {"/opt/a/versions/1/bin/x", "--all", NULL};
	const struct sandbox sandbox = {.packages_path = "/opt",
		.package = "a",
		.folder = "1-00000000",
		.former = "",
		.data = "data.work",
		.user = "nobody",
		.has_network = true,
		.shown = shown};
	const struct process_request request = {.argv = argv, .timeout_ms = 5000, .output = output};
	char folder[FOLDER_PATH_SIZE + 16];

	(void)snprintf(folder, sizeof(folder), "%s/checks", place->folder.path);
	return service_run(&place->env, folder, &sandbox, &request, ret_result, &place->began, err);
}

static int count(void *context, int dir_fd, const char *name, struct error *err)
{
	(void)dir_fd, (void)name, (void)err;
	(*(int *)context)++;
	return 0;
}

static void assert_no_file_is_left(struct place *place)
{
	int left = 0;

	assert_int_equal(fs_each(&place->fs, place->folder.fd, "checks", count, &left, NULL), 0);
	assert_int_equal(left, 0);
}

TEST_CASE(test_the_unit_is_handed_all_and_its_answer_comes_back)
{
	struct place *place = *state;
	AUTO(buf) struct buf output = BUF_INIT(4096);
	struct process_result result = {0};
	struct error err = {0};

	assert_ok(ask(place, &output, &result, &err), &err);
	assert_int_equal(result.exit_status, 3);
	assert_true(result.timed_out);
	assert_string_equal(buf_text(&output),
		"/opt a 1-00000000 '' data.work nobody 1 5000 /run/haishin|/opt/a/versions/1/bin/x|--all");
	assert_no_file_is_left(place);
}

TEST_CASE(test_a_service_manager_that_refuses_is_named)
{
	struct place *place = *state;
	AUTO(buf) struct buf output = BUF_INIT(4096);
	struct process_result result = {0};
	struct error err = {0};

	place->refuses = true;
	assert_int_equal(ask(place, &output, &result, &err), -1);
	assert_error(&err, ERROR_FAILED, "start haishin-check@");
	assert_false(place->began);
	assert_no_file_is_left(place);
}

/* Else a program could have itself run where there is less around it, by using more than its unit may. */
TEST_CASE(test_what_began_and_was_ended_is_told_apart_from_what_never_began)
{
	struct place *place = *state;
	AUTO(buf) struct buf output = BUF_INIT(4096);
	struct process_result result = {0};
	struct error err = {0};

	place->ends_it = true;
	assert_int_equal(ask(place, &output, &result, &err), -1);
	assert_error(&err, ERROR_FAILED, "start haishin-check@");
	assert_true(place->began);
	assert_no_file_is_left(place);
}

TEST_CASE(test_a_request_that_is_not_whole_is_not_run)
{
#define REQUEST(text)                                                                                                \
	{                                                                                                            \
		text, sizeof(text)                                                                                   \
	}
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {{"packages=/opt", 13}, REQUEST("packages=/opt"), REQUEST("colour=red"), REQUEST("packages"),
		REQUEST("packages=/"
			"opt\0package=a\0folder=1\0former=\0data=data\0user=nobody\0network=no\0timeout_ms=0"
			"\0argument=/x"),
		REQUEST("packages=/"
			"opt\0package=a\0folder=1\0former=\0data=data\0user=nobody\0network=no\0timeout_ms=9"),
		{"", 0}};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(buf) struct buf output = BUF_INIT(4096);
		struct process_result result = {0};
		struct error err = {0};

		place->request = rows[i].text;
		place->request_len = rows[i].len;
		assert_int_equal(ask(place, &output, &result, &err), -1);
		assert_int_equal(output.len, 0);
	}
}

TESTS(set_up, tear_down)
