/* Who watches is told what changes, and nothing else: by the whole resident part, over the real socket. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/store/history.h"
#include "agent/varlink/varlink_address.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

static const char job_with_progress[] =
	"echo '{\"state\":\"checking\",\"number\":0,\"of\":0,\"bytes\":0,\"total\":0}' >&3\n"
	"read -r go < \"$gate\"\n"
	"echo '{\"state\":\"end\",\"staged\":0,\"available\":0,\"error\":\"none\",\"exit\":0,\"message\":\"\"}' "
	">&3\n";

static int connect_to(struct agent_fixture *fixture)
{
	char path[2 * FOLDER_PATH_SIZE];
	struct sockaddr_un address;
	struct error err = {0};
	int dir_fd = -1, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(path, sizeof(path), "%s/run/haishin/control.sock", fixture->folder.path);
	assert_ok(varlink_address(path, &address, &dir_fd, &err), &err);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	if (dir_fd >= 0)
		(void)close(dir_fd);
	return fd;
}

static void send_call(int fd, const char *call)
{
	assert_int_equal(send(fd, call, strlen(call) + 1, 0), strlen(call) + 1);
}

/* The next object; waits for it. */
static json_t *next(int fd)
{
	static char text[1 << 20];
	size_t len = 0;
	json_t *object;

	do
		assert_int_equal(recv(fd, text + len, 1, 0), 1);
	while (text[len++]);
	assert_non_null(object = json_loads(text, 0, NULL));
	return object;
}

static json_t *part(const json_t *object, const char *name)
{
	return json_object_get(json_object_get(object, "parameters"), name);
}

/* Calls a method on a connection of its own, and waits for its answer. */
static void call(struct agent_fixture *fixture, const char *text)
{
	AUTO(fd) int fd = connect_to(fixture);
	AUTO(json) json_t *answer = NULL;

	send_call(fd, text);
	answer = next(fd);
	if (json_object_get(answer, "error"))
		fail_msg("%s: %s", text, json_string_value(part(answer, "message")));
}

TEST_CASE(test_is_told_at_once_and_whenever_something_changed)
{
	struct agent_fixture *fixture = *state;
	AUTO(fd) int fd = -1;

	agent_fixture_start(fixture, "true");
	fd = connect_to(fixture);
	send_call(fd, "{\"method\":\"jp.haishin.Agent.Watch\",\"more\":true}");
	for (int told = 0; told < 3; told++) {
		AUTO(json) json_t *news = next(fd);

		assert_true(json_is_true(json_object_get(news, "continues")));
		assert_int_equal(json_is_object(json_object_get(part(news, "status"), "disabled")), told == 1);
		assert_true(json_is_true(json_object_get(part(news, "status"), "may_change")));
		for (int i = 0; i < 3; i++) /* who looks changes nothing */
			call(fixture, "{\"method\":\"jp.haishin.Agent.GetStatus\"}");
		call(fixture,
			told == 0
				? "{\"method\":\"jp.haishin.Agent.Disable\",\"parameters\":{\"why\":\"stocktaking\"}}"
				: "{\"method\":\"jp.haishin.Agent.Enable\"}");
	}
}

TEST_CASE(test_is_told_of_a_job_and_of_its_end_and_goes_on_watching)
{
	struct agent_fixture *fixture = *state;
	AUTO(fd) int fd = -1;
	AUTO(fd) int other_fd = -1;
	bool has_progress = false, has_result = false;

	agent_fixture_start(fixture, job_with_progress);
	fd = connect_to(fixture);
	send_call(fd, "{\"method\":\"jp.haishin.Agent.Watch\",\"more\":true,\"parameters\":{\"with\":\"progress\"}}");
	json_decref(next(fd));
	other_fd = connect_to(fixture);
	send_call(other_fd, "{\"method\":\"jp.haishin.Agent.Check\",\"more\":true}");
	while (!has_result) {
		AUTO(json) json_t *news = next(fd);

		assert_true(json_is_true(json_object_get(news, "continues")));
		if (part(news, "progress") && !has_progress)
			agent_fixture_let_job_go(fixture);
		has_progress |= json_is_object(part(news, "progress"));
		has_result |= json_is_object(part(news, "result"));
		if (part(news, "result"))
			assert_string_equal(json_string_value(part(news, "job")), "check");
	}
	assert_true(has_progress);
	call(fixture, "{\"method\":\"jp.haishin.Agent.Disable\"}");
	for (bool is_disabled = false; !is_disabled;) {
		AUTO(json) json_t *news = next(fd);

		is_disabled = json_is_object(json_object_get(part(news, "status"), "disabled"));
	}
}

TEST_CASE(test_who_cannot_take_parts_is_refused)
{
	AUTO(json) json_t *answer = agent_fixture_call(*state, "Watch", NULL);
	AUTO(json) json_t *other = agent_fixture_call(*state, "Watch", "{\"with\":\"everything\"}");

	assert_string_equal(json_string_value(part(answer, "code")), "usage");
	assert_string_equal(json_string_value(part(other, "code")), "usage");
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
