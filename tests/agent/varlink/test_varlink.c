/* One caller of the control socket: calls, answers, what is no call, and the socket itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/varlink/varlink_address.h"
#include "tests/agent/varlink/varlink_site.h"

TEST_CASE(test_answers_a_call)
{
	int fd = varlink_site_call_in(*state);

	SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Echo\",\"parameters\":{\"a\":1}}");
	assert_hears(fd, "{\"parameters\":{\"a\":1}}");
	close(fd);
}

TEST_CASE(test_answers_calls_that_come_together_one_after_the_other)
{
	static const char two[] = "{\"method\":\"jp.haishin.Agent.Echo\",\"parameters\":{\"n\":1}}\0"
				  "{\"method\":\"jp.haishin.Agent.Echo\",\"parameters\":{\"n\":2}}";
	int fd = varlink_site_call_in(*state);
	char bytes[256];

	varlink_site_say(*state, fd, two, sizeof(two));
	assert_int_equal(varlink_site_hear(fd, bytes, sizeof(bytes)), 2 * sizeof("{\"parameters\":{\"n\":1}}"));
	assert_string_equal(bytes + sizeof("{\"parameters\":{\"n\":1}}"), "{\"parameters\":{\"n\":2}}");
	close(fd);
}

TEST_CASE(test_waits_for_a_call_that_comes_in_pieces)
{
	static const char call[] = "{\"method\":\"jp.haishin.Agent.Echo\"}";
	int fd = varlink_site_call_in(*state);
	char bytes[64];

	for (size_t i = 0; i < sizeof(call) - 1; i++)
		varlink_site_say(*state, fd, call + i, 1);
	assert_int_equal(varlink_site_hear(fd, bytes, sizeof(bytes)), -1);
	varlink_site_say(*state, fd, "", 1);
	assert_hears(fd, "{\"parameters\":{}}");
	close(fd);
}

TEST_CASE(test_tells_who_it_is_and_what_it_answers)
{
	int fd = varlink_site_call_in(*state);
	char bytes[1024];

	SAY(*state, fd, "{\"method\":\"org.varlink.service.GetInfo\"}");
	assert_true(varlink_site_hear(fd, bytes, sizeof(bytes)) > 0);
	assert_non_null(strstr(bytes, "\"interfaces\":[\"org.varlink.service\",\"jp.haishin.Agent\"]"));
	SAY(*state, fd,
		"{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"jp."
		"haishin.Agent\"}}");
	assert_hears(fd, "{\"parameters\":{\"description\":\"interface jp.haishin.Agent\\n\"}}");
	SAY(*state, fd,
		"{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"a.b\"}"
		"}");
	assert_hears(
		fd, "{\"error\":\"org.varlink.service.InterfaceNotFound\",\"parameters\":{\"interface\":\"a.b\"}}");
	close(fd);
}

TEST_CASE(test_names_a_method_that_it_does_not_know)
{
	int fd = varlink_site_call_in(*state);

	SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Nothing\"}");
	assert_hears(fd, "{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"jp.haishin."
			 "Agent.Nothing\"}}");
	SAY(*state, fd, "{\"method\":\"Echo\"}");
	assert_hears(fd, "{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"Echo\"}}");
	close(fd);
}

TEST_CASE(test_gives_an_error_its_code_and_exit_status)
{
	int fd = varlink_site_call_in(*state);

	SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Fail\"}");
	assert_hears(fd, "{\"error\":\"jp.haishin.Agent.Failed\",\"parameters\":{\"code\":\"refused\",\"exit\":7,"
			 "\"message\":\"the signature is wrong\",\"extra\":5}}");
	close(fd);
}

TEST_CASE(test_answers_nothing_to_a_call_that_wants_no_answer)
{
	struct site *site = *state;
	int fd = varlink_site_call_in(site);
	char bytes[64];

	SAY(site, fd, "{\"method\":\"jp.haishin.Agent.Echo\",\"oneway\":true}");
	assert_int_equal(varlink_site_hear(fd, bytes, sizeof(bytes)), -1);
	assert_int_equal(site->calls, 1);
	close(fd);
}

TEST_CASE(test_hangs_up_on_what_is_no_call)
{
	static const char *const garbage[] = {"hello", "[1]", "{}", "{\"method\":5}",
		"{\"method\":\"a\",\"parameters\":5}", "{\"method\":\"a\",\"method\":\"b\"}", "\xff\xfe"};

	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		int fd = varlink_site_call_in(*state);

		varlink_site_say(*state, fd, garbage[i], strlen(garbage[i]) + 1);
		assert_hung_up(fd);
		close(fd);
	}
}

TEST_CASE(test_answers_a_good_call_after_any_damaged_one)
{
	static const char good[] =
		"{\"method\":\"jp.haishin.Agent.Pages\",\"parameters\":{\"a\":[1,\"b\"]},\"more\":true}";
	unsigned seed = 20260110;

	for (int i = 0; i < 3000; i++) {
		char damaged[sizeof(good)];
		int fd = varlink_site_call_in(*state);

		memcpy(damaged, good, sizeof(good));
		for (int changes = 1 + i % 3; changes; changes--) {
			seed = seed * 1103515245u + 12345u;
			damaged[(seed >> 16) % (sizeof(good) - 1)] = (char)(seed >> 8);
		}
		(void)!send(fd, damaged, sizeof(damaged), MSG_NOSIGNAL);
		varlink_site_pump(*state);
		close(fd);
	}
	varlink_site_pump(*state);
	test_answers_a_call(state);
}

TEST_CASE(test_hangs_up_on_a_request_beyond_the_limit)
{
	static char flood[VARLINK_MAX_REQUEST_BYTES + 1];
	int fd = varlink_site_call_in(*state);
	char bytes[512];

	memset(flood, ' ', sizeof(flood));
	for (size_t sent = 0; sent < sizeof(flood);) {
		ssize_t now = send(fd, flood + sent, sizeof(flood) - sent, MSG_NOSIGNAL);

		if (now < 0 && errno == EPIPE)
			break;
		sent += now > 0 ? (size_t)now : 0;
		varlink_site_pump(*state);
	}
	assert_true(varlink_site_hear(fd, bytes, sizeof(bytes)) > 0);
	assert_non_null(strstr(bytes, "a request has at most 65536 bytes"));
	assert_hung_up(fd);
	close(fd);
}

TEST_CASE(test_hangs_up_rather_than_send_an_answer_beyond_the_limit)
{
	int fd = varlink_site_call_in(*state);

	SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Huge\"}");
	assert_hung_up(fd);
	close(fd);
}

TEST_CASE(test_every_local_user_may_connect)
{
	struct site *site = *state;
	struct stat st;

	assert_int_equal(stat(site->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
}

TEST_CASE(test_replaces_the_socket_of_an_agent_that_is_gone)
{
	struct site *site = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int left_over = socket(AF_UNIX, SOCK_STREAM, 0);

	varlink_close(site->server);
	(void)strcpy(address.sun_path, site->path);
	assert_int_equal(bind(left_over, (struct sockaddr *)&address, sizeof(address)), 0);
	close(left_over);
	varlink_site_open(site, false);
	test_answers_a_call(state);
}

TEST_CASE(test_leaves_the_socket_of_an_agent_that_answers)
{
	struct site *site = *state;
	struct varlink_options options = {.path = site->path, .mode = 0666};
	struct varlink *second = NULL;
	struct error err = {0};

	assert_int_equal(varlink_open(&options, &second, &err), -1);
	assert_error(&err, ERROR_BUSY, "another agent answers");
	test_answers_a_call(state);
}

TEST_CASE(test_takes_a_path_that_is_too_long_for_a_socket)
{
	struct site *site = *state;
	char name[120];
	struct site deep = {0};

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(mkdirat(site->folder.fd, name, 0755), 0);
	(void)snprintf(deep.path, sizeof(deep.path), "%s/%s/s", site->folder.path, name);
	varlink_site_open(&deep, false);
	void *deep_state = &deep;
	test_answers_a_call(&deep_state);
	varlink_close(deep.server);
	assert_int_equal(access(deep.path, F_OK), -1);
}

TESTS(varlink_site_set_up, varlink_site_tear_down)
