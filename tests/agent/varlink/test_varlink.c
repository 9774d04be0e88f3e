#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/varlink/varlink.h"
#include "agent/varlink/varlink_address.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

#define PAGES 3
#define BIG_BYTES 60000

/* A server with a handler of a few methods, and what it was asked. */
struct site {
	struct folder folder;
	char path[2 * FOLDER_PATH_SIZE];
	struct varlink *server;
	int calls;
	int released;
};

struct pages {
	struct site *site;
	int next;
};

static void send_page(struct varlink_call *call, void *state)
{
	struct pages *pages = state;
	json_t *page = json_pack("{s:i}", "page", ++pages->next);

	if (pages->next < PAGES)
		varlink_reply_part(call, page);
	else
		varlink_reply(call, page);
}

static void release_pages(void *state)
{
	struct pages *pages = state;

	pages->site->released++;
	free(pages);
}

static void handle(void *context, struct varlink_call *call)
{
	struct site *site = context;
	const char *method = varlink_method(call);
	struct error refused = {0};

	site->calls++;
	if (strcmp(method, "Echo") == 0) {
		varlink_reply(call, json_deep_copy(varlink_parameters(call)));
	} else if (strcmp(method, "Fail") == 0) {
		(void)error_set(&refused, ERROR_REFUSED, "the signature is wrong");
		varlink_fail(call, &refused, json_pack("{s:i}", "extra", 5));
	} else if (strcmp(method, "Pages") == 0) {
		struct pages *pages = calloc(1, sizeof(*pages));

		pages->site = site;
		varlink_reply_in_pages(call, send_page, pages, release_pages);
	} else if (strcmp(method, "Follow") == 0) {
		varlink_follow(call);
	} else if (strcmp(method, "Huge") == 0) {
		char *text = malloc(VARLINK_MAX_ANSWER_BYTES + 1);

		memset(text, 'x', VARLINK_MAX_ANSWER_BYTES);
		text[VARLINK_MAX_ANSWER_BYTES] = '\0';
		varlink_reply(call, json_pack("{s:s}", "text", text));
		free(text);
	} else {
		varlink_method_not_found(call);
	}
}

static int fake_peer(int socket_fd, struct platform_peer *ret_peer, struct error *err)
{
	(void)socket_fd;
	(void)err;
	*ret_peer = (struct platform_peer){.uid = 4711, .gid = 4711, .pid = 1};
	return 0;
}

static int describe(struct buf *ret_text, struct error *err)
{
	return buf_printf(ret_text, err, "interface jp.haishin.Agent\n");
}

static void open_site(struct site *site, bool as_stranger)
{
	struct varlink_options options = {.path = site->path,
		.mode = 0666,
		.describe = describe,
		.handle = handle,
		.context = site,
		.peer = as_stranger ? fake_peer : NULL};
	struct error err = {0};

	assert_ok(varlink_open(&options, &site->server, &err), &err);
}

static int set_up(void **state)
{
	struct site *site = calloc(1, sizeof(*site));

	folder_init(&site->folder);
	(void)snprintf(site->path, sizeof(site->path), "%s/control.sock", site->folder.path);
	open_site(site, false);
	*state = site;
	return 0;
}

static int tear_down(void **state)
{
	struct site *site = *state;

	varlink_close(site->server);
	folder_clear(&site->folder);
	free(site);
	return 0;
}

/* ---- A caller. ---- */

static void pump(struct site *site)
{
	struct pollfd ready = {.fd = varlink_fd(site->server), .events = POLLIN};

	while (poll(&ready, 1, 0) > 0)
		varlink_dispatch(site->server);
}

static int call_in(struct site *site)
{
	struct sockaddr_un address;
	struct error err = {0};
	int dir_fd, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_ok(varlink_address(site->path, &address, &dir_fd, &err), &err);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (dir_fd >= 0)
		close(dir_fd);
	pump(site);
	return fd;
}

static void say(struct site *site, int fd, const char *text, size_t len)
{
	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
	pump(site);
}

#define SAY(site, fd, text) say(site, fd, text, sizeof(text)) /* with the NUL */

/* What has come: LEN bytes at most; 0 at the end, -1 where nothing is there. */
static ssize_t hear(int fd, char *bytes, size_t size)
{
	ssize_t got = recv(fd, bytes, size - 1, MSG_DONTWAIT);

	bytes[got > 0 ? got : 0] = '\0';
	return got;
}

static void assert_hears(int fd, const char *expected)
{
	char bytes[4096];

	assert_true(hear(fd, bytes, sizeof(bytes)) > 0);
	assert_string_equal(bytes, expected);
}

static void assert_hung_up(int fd)
{
	char bytes[4096];
	ssize_t got;

	while ((got = hear(fd, bytes, sizeof(bytes))) > 0)
		;
	assert_int_equal(got == 0 || (got < 0 && errno == ECONNRESET), 1);
}

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* ---- Tests. ---- */

TEST_CASE(test_answers_a_call)
{
	int fd = call_in(*state);

	SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Echo\",\"parameters\":{\"a\":1}}");
	assert_hears(fd, "{\"parameters\":{\"a\":1}}");
	close(fd);
}

TEST_CASE(test_answers_calls_that_come_together_one_after_the_other)
{
	static const char two[] = "{\"method\":\"jp.haishin.Agent.Echo\",\"parameters\":{\"n\":1}}\0"
				  "{\"method\":\"jp.haishin.Agent.Echo\",\"parameters\":{\"n\":2}}";
	int fd = call_in(*state);
	char bytes[256];

	say(*state, fd, two, sizeof(two));
	assert_int_equal(hear(fd, bytes, sizeof(bytes)), 2 * sizeof("{\"parameters\":{\"n\":1}}"));
	assert_string_equal(bytes + sizeof("{\"parameters\":{\"n\":1}}"), "{\"parameters\":{\"n\":2}}");
	close(fd);
}

TEST_CASE(test_waits_for_a_call_that_comes_in_pieces)
{
	static const char call[] = "{\"method\":\"jp.haishin.Agent.Echo\"}";
	int fd = call_in(*state);
	char bytes[64];

	for (size_t i = 0; i < sizeof(call) - 1; i++)
		say(*state, fd, call + i, 1);
	assert_int_equal(hear(fd, bytes, sizeof(bytes)), -1);
	say(*state, fd, "", 1);
	assert_hears(fd, "{\"parameters\":{}}");
	close(fd);
}

TEST_CASE(test_tells_who_it_is_and_what_it_answers)
{
	int fd = call_in(*state);
	char bytes[1024];

	SAY(*state, fd, "{\"method\":\"org.varlink.service.GetInfo\"}");
	assert_true(hear(fd, bytes, sizeof(bytes)) > 0);
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
	int fd = call_in(*state);

	SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Nothing\"}");
	assert_hears(fd, "{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"jp.haishin."
			 "Agent.Nothing\"}}");
	SAY(*state, fd, "{\"method\":\"Echo\"}");
	assert_hears(fd, "{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"Echo\"}}");
	close(fd);
}

TEST_CASE(test_gives_an_error_its_code_and_exit_status)
{
	int fd = call_in(*state);

	SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Fail\"}");
	assert_hears(fd, "{\"error\":\"jp.haishin.Agent.Failed\",\"parameters\":{\"code\":\"refused\",\"exit\":7,"
			 "\"message\":\"the signature is wrong\",\"extra\":5}}");
	close(fd);
}

TEST_CASE(test_answers_nothing_to_a_call_that_wants_no_answer)
{
	struct site *site = *state;
	int fd = call_in(site);
	char bytes[64];

	SAY(site, fd, "{\"method\":\"jp.haishin.Agent.Echo\",\"oneway\":true}");
	assert_int_equal(hear(fd, bytes, sizeof(bytes)), -1);
	assert_int_equal(site->calls, 1);
	close(fd);
}

TEST_CASE(test_hangs_up_on_what_is_no_call)
{
	static const char *const garbage[] = {"hello", "[1]", "{}", "{\"method\":5}",
		"{\"method\":\"a\",\"parameters\":5}", "{\"method\":\"a\",\"method\":\"b\"}", "\xff\xfe"};

	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		int fd = call_in(*state);

		say(*state, fd, garbage[i], strlen(garbage[i]) + 1);
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
		int fd = call_in(*state);

		memcpy(damaged, good, sizeof(good));
		for (int changes = 1 + i % 3; changes; changes--) {
			seed = seed * 1103515245u + 12345u;
			damaged[(seed >> 16) % (sizeof(good) - 1)] = (char)(seed >> 8);
		}
		(void)!send(fd, damaged, sizeof(damaged), MSG_NOSIGNAL);
		pump(*state);
		close(fd);
	}
	pump(*state);
	test_answers_a_call(state);
}

TEST_CASE(test_hangs_up_on_a_request_beyond_the_limit)
{
	static char flood[VARLINK_MAX_REQUEST_BYTES + 1];
	int fd = call_in(*state);
	char bytes[512];

	memset(flood, ' ', sizeof(flood));
	for (size_t sent = 0; sent < sizeof(flood);) {
		ssize_t now = send(fd, flood + sent, sizeof(flood) - sent, MSG_NOSIGNAL);

		if (now < 0 && errno == EPIPE)
			break;
		sent += now > 0 ? (size_t)now : 0;
		pump(*state);
	}
	assert_true(hear(fd, bytes, sizeof(bytes)) > 0);
	assert_non_null(strstr(bytes, "a request has at most 65536 bytes"));
	assert_hung_up(fd);
	close(fd);
}

TEST_CASE(test_hangs_up_rather_than_send_an_answer_beyond_the_limit)
{
	int fd = call_in(*state);

	SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Huge\"}");
	assert_hung_up(fd);
	close(fd);
}

TEST_CASE(test_gives_a_long_answer_page_by_page)
{
	struct site *site = *state;
	static const char expected[] = "{\"parameters\":{\"page\":1},\"continues\":true}\0"
				       "{\"parameters\":{\"page\":2},\"continues\":true}\0"
				       "{\"parameters\":{\"page\":3}}";
	int fd = call_in(site);
	char bytes[512];

	SAY(site, fd, "{\"method\":\"jp.haishin.Agent.Pages\",\"more\":true}");
	assert_int_equal(hear(fd, bytes, sizeof(bytes)), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
	assert_int_equal(site->released, 1);
	close(fd);
}

TEST_CASE(test_releases_the_pages_of_a_caller_that_has_gone)
{
	struct site *site = *state;
	static const char call[] = "{\"method\":\"jp.haishin.Agent.Pages\",\"more\":true}";
	int fd = call_in(site);

	assert_int_equal(send(fd, call, sizeof(call), 0), sizeof(call));
	varlink_dispatch(site->server); /* the call is taken; no page has gone out */
	close(fd);
	pump(site);
	assert_int_equal(site->released, 1);
}

static void tell_all(void *context, struct varlink_call *call)
{
	if (context)
		varlink_reply(call, json_pack("{s:s}", "end", "yes"));
	else
		varlink_reply_part(call, json_pack("{s:s}", "step", "one"));
}

TEST_CASE(test_tells_all_followers)
{
	struct site *site = *state;
	int first = call_in(site), second = call_in(site), other = call_in(site);
	char bytes[64];

	SAY(site, first, "{\"method\":\"jp.haishin.Agent.Follow\",\"more\":true}");
	SAY(site, second, "{\"method\":\"jp.haishin.Agent.Follow\",\"more\":true}");
	varlink_each_follower(site->server, tell_all, NULL, true);
	varlink_each_follower(site->server, tell_all, site, false);
	varlink_each_follower(site->server, tell_all, NULL, true); /* nobody follows any more */
	assert_hears(first, "{\"parameters\":{\"step\":\"one\"},\"continues\":true}");
	assert_hears(second, "{\"parameters\":{\"step\":\"one\"},\"continues\":true}");
	assert_int_equal(hear(other, bytes, sizeof(bytes)), -1);
	close(first);
	close(second);
	close(other);
}

static void tell_much(void *context, struct varlink_call *call)
{
	(void)context;
	varlink_reply_part(call, json_pack("{s:s}", "text", (const char *)context));
}

TEST_CASE(test_a_follower_that_reads_nothing_costs_a_bounded_amount_of_memory)
{
	static char text[BIG_BYTES + 1];
	struct site *site = *state;
	int stalled = call_in(site), other = call_in(site);

	memset(text, 'x', BIG_BYTES);
	SAY(site, stalled, "{\"method\":\"jp.haishin.Agent.Follow\",\"more\":true}");
	for (int i = 0; i < 10000; i++)
		varlink_each_follower(site->server, tell_much, text, true);
	SAY(site, other, "{\"method\":\"jp.haishin.Agent.Echo\"}");
	assert_hears(other, "{\"parameters\":{}}");
	varlink_each_follower(site->server, tell_all, site, false); /* its answer still finds room */
	close(stalled);
	close(other);
}

TEST_CASE(test_answers_others_while_one_floods)
{
	static const char call[] = "{\"method\":\"jp.haishin.Agent.Echo\"}";
	struct site *site = *state;
	int flooder = call_in(site), other = call_in(site);

	for (int i = 0; i < 2000; i++)
		(void)!send(flooder, call, sizeof(call), MSG_NOSIGNAL | MSG_DONTWAIT);
	assert_int_equal(send(other, call, sizeof(call), 0), sizeof(call));
	varlink_dispatch(site->server);
	varlink_dispatch(site->server);
	assert_true(site->calls <= 4); /* one of each caller at a time */
	assert_hears(other, "{\"parameters\":{}}");
	close(flooder);
	close(other);
}

TEST_CASE(test_makes_room_for_a_new_caller_by_ending_the_quietest)
{
	struct site *site = *state;
	int fds[VARLINK_MAX_CALLERS];
	int last;

	for (int i = 0; i < VARLINK_MAX_CALLERS; i++)
		fds[i] = call_in(site);
	SAY(site, fds[0], "{\"method\":\"jp.haishin.Agent.Echo\"}"); /* now the second is the quietest */
	last = call_in(site);
	SAY(site, last, "{\"method\":\"jp.haishin.Agent.Echo\"}");
	assert_hears(last, "{\"parameters\":{}}");
	assert_hears(fds[0], "{\"parameters\":{}}");
	assert_hung_up(fds[1]);
	for (int i = 0; i < VARLINK_MAX_CALLERS; i++)
		close(fds[i]);
	close(last);
}

TEST_CASE(test_many_connections_of_one_user_are_worth_no_more_than_one)
{
	static const char call[] = "{\"method\":\"jp.haishin.Agent.Echo\"}";
	struct site *site = *state;
	int fds[VARLINK_MAX_CALLERS_PER_USER], before;

	varlink_close(site->server);
	open_site(site, true);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = call_in(site);
		for (int n = 0; n < 3; n++)
			assert_int_equal(send(fds[i], call, sizeof(call), 0), sizeof(call));
	}
	while (site->calls < 3 * (int)ARRAY_SIZE(fds)) {
		before = site->calls;
		varlink_dispatch(site->server);
		assert_in_range(site->calls - before, 0, 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		assert_hears(fds[i], "{\"parameters\":{}}");
		(void)close(fds[i]);
	}
}

TEST_CASE(test_gives_one_user_only_so_many_connections)
{
	struct site *site = *state;
	int fds[VARLINK_MAX_CALLERS_PER_USER + 1];

	varlink_close(site->server);
	open_site(site, true);
	for (int i = 0; i <= VARLINK_MAX_CALLERS_PER_USER; i++)
		fds[i] = call_in(site);
	assert_hung_up(fds[VARLINK_MAX_CALLERS_PER_USER]);
	SAY(site, fds[0], "{\"method\":\"jp.haishin.Agent.Echo\"}");
	assert_hears(fds[0], "{\"parameters\":{}}");
	for (int i = 0; i <= VARLINK_MAX_CALLERS_PER_USER; i++)
		close(fds[i]);
}

TEST_CASE(test_leaks_no_descriptor)
{
	int before = open_descriptors();

	for (int i = 0; i < 500; i++) {
		int fd = call_in(*state);

		if (i % 3 == 0)
			SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Echo\"}");
		if (i % 3 == 1)
			SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Follow\"}");
		close(fd);
		pump(*state);
	}
	assert_int_equal(open_descriptors(), before);
}

TEST_CASE(test_answers_a_caller_that_has_shut_its_sending_side)
{
	static const char call[] = "{\"method\":\"jp.haishin.Agent.Echo\"}";
	int fd = call_in(*state);

	assert_int_equal(send(fd, call, sizeof(call), 0), sizeof(call));
	shutdown(fd, SHUT_WR);
	pump(*state);
	assert_hears(fd, "{\"parameters\":{}}");
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
	open_site(site, false);
	test_answers_a_call(state);
}

TEST_CASE(test_leaves_the_socket_of_an_agent_that_answers)
{
	struct site *site = *state;
	struct varlink_options options = {.path = site->path, .mode = 0666, .describe = describe, .handle = handle};
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
	open_site(&deep, false);
	void *deep_state = &deep;
	test_answers_a_call(&deep_state);
	varlink_close(deep.server);
	assert_int_equal(access(deep.path, F_OK), -1);
}

TESTS(set_up, tear_down)
