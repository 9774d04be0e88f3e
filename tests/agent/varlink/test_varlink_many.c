/* Long answers, many callers, and those that read nothing or ask without end: nobody costs the others more than his share. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/agent/varlink/varlink_site.h"

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

TEST_CASE(test_gives_a_long_answer_page_by_page)
{
	struct site *site = *state;
	static const char expected[] = "{\"parameters\":{\"page\":1},\"continues\":true}\0"
				       "{\"parameters\":{\"page\":2},\"continues\":true}\0"
				       "{\"parameters\":{\"page\":3}}";
	int fd = varlink_site_call_in(site);
	char bytes[512];

	SAY(site, fd, "{\"method\":\"jp.haishin.Agent.Pages\",\"more\":true}");
	assert_int_equal(varlink_site_hear(fd, bytes, sizeof(bytes)), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
	assert_int_equal(site->released, 1);
	close(fd);
}

TEST_CASE(test_releases_the_pages_of_a_caller_that_has_gone)
{
	struct site *site = *state;
	static const char call[] = "{\"method\":\"jp.haishin.Agent.Pages\",\"more\":true}";
	int fd = varlink_site_call_in(site);

	assert_int_equal(send(fd, call, sizeof(call), 0), sizeof(call));
	varlink_dispatch(site->server); /* the call is taken; no page has gone out */
	close(fd);
	varlink_site_pump(site);
	assert_int_equal(site->released, 1);
}

static void tell_all(void *context, struct varlink_call *call)
{
	if (context)
		varlink_reply(call, json_pack("{s:s}", "end", "yes"));
	else
		varlink_reply_part(call, json_pack("{s:s}", "step", "one"));
}

TEST_CASE(test_who_only_follows_is_not_waited_for)
{
	struct site *site = *state;
	int follower, other;

	assert_false(varlink_is_busy(site->server));
	follower = varlink_site_call_in(site);
	assert_true(varlink_is_busy(site->server));
	SAY(site, follower, "{\"method\":\"jp.haishin.Agent.Follow\",\"more\":true}");
	assert_false(varlink_is_busy(site->server));
	other = varlink_site_call_in(site);
	assert_true(varlink_is_busy(site->server));
	close(other);
	varlink_site_pump(site);
	assert_false(varlink_is_busy(site->server));
	close(follower);
}

TEST_CASE(test_tells_all_followers)
{
	struct site *site = *state;
	int first = varlink_site_call_in(site), second = varlink_site_call_in(site), other = varlink_site_call_in(site);
	char bytes[64];

	SAY(site, first, "{\"method\":\"jp.haishin.Agent.Follow\",\"more\":true}");
	SAY(site, second, "{\"method\":\"jp.haishin.Agent.Follow\",\"more\":true}");
	varlink_each_follower(site->server, tell_all, NULL, true);
	varlink_each_follower(site->server, tell_all, site, false);
	varlink_each_follower(site->server, tell_all, NULL, true); /* nobody follows any more */
	assert_hears(first, "{\"parameters\":{\"step\":\"one\"},\"continues\":true}");
	assert_hears(second, "{\"parameters\":{\"step\":\"one\"},\"continues\":true}");
	assert_int_equal(varlink_site_hear(other, bytes, sizeof(bytes)), -1);
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
	int stalled = varlink_site_call_in(site), other = varlink_site_call_in(site);

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
	int flooder = varlink_site_call_in(site), other = varlink_site_call_in(site);

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
		fds[i] = varlink_site_call_in(site);
	SAY(site, fds[0], "{\"method\":\"jp.haishin.Agent.Echo\"}"); /* now the second is the quietest */
	last = varlink_site_call_in(site);
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
	varlink_site_open(site, true);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = varlink_site_call_in(site);
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
	varlink_site_open(site, true);
	for (int i = 0; i <= VARLINK_MAX_CALLERS_PER_USER; i++)
		fds[i] = varlink_site_call_in(site);
	assert_hung_up(fds[VARLINK_MAX_CALLERS_PER_USER]);
	SAY(site, fds[0], "{\"method\":\"jp.haishin.Agent.Echo\"}");
	assert_hears(fds[0], "{\"parameters\":{}}");
	for (int i = 0; i <= VARLINK_MAX_CALLERS_PER_USER; i++)
		close(fds[i]);
}

/* The next is there before the last has been let in. */
TEST_CASE(test_who_calls_in_without_end_keeps_nobody_waiting)
{
	struct site *site = *state;
	int fd;

	varlink_close(site->server);
	varlink_site_open(site, true);
	site->crowd = 1000;
	fd = varlink_site_connect(site);
	varlink_dispatch(site->server);
	assert_in_range(site->crowd, 900, 999);
	varlink_site_pump(site);
	assert_int_equal(site->crowd, 0);
	SAY(site, fd, "{\"method\":\"jp.haishin.Agent.Echo\"}");
	assert_hears(fd, "{\"parameters\":{}}");
	close(fd);
}

TEST_CASE(test_leaks_no_descriptor)
{
	int before = open_descriptors();

	for (int i = 0; i < 500; i++) {
		int fd = varlink_site_call_in(*state);

		if (i % 3 == 0)
			SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Echo\"}");
		if (i % 3 == 1)
			SAY(*state, fd, "{\"method\":\"jp.haishin.Agent.Follow\"}");
		close(fd);
		varlink_site_pump(*state);
	}
	assert_int_equal(open_descriptors(), before);
}

static void say_with_descriptors(int fd, const void *bytes, size_t len, const int *passed, size_t count)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(64 * sizeof(int))];
	} control = {0};
	struct iovec part = {.iov_base = (void *)bytes, .iov_len = len};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int))};

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(&control.header), passed, count * sizeof(int));
	assert_int_equal(sendmsg(fd, &message, MSG_NOSIGNAL), (ssize_t)len);
}

/* Else a caller could have the agent hold whatever it likes, until nothing more can be opened. */
TEST_CASE(test_takes_no_descriptor_that_a_caller_passes)
{
	static const char call[] = "{\"method\":\"jp.haishin.Agent.Echo\"}";
	int fd = varlink_site_call_in(*state), passed[64], ends[2];
	int before;
	char byte;

	assert_int_equal(pipe(ends), 0);
	varlink_site_pump(*state);
	before = open_descriptors();
	for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
		passed[i] = ends[1];
	for (int i = 0; i < 20; i++) {
		/* With half a call, and with its other half. */
		say_with_descriptors(fd, call, 10, passed, ARRAY_SIZE(passed));
		varlink_site_pump(*state);
		say_with_descriptors(fd, call + 10, sizeof(call) - 10, passed, ARRAY_SIZE(passed));
		varlink_site_pump(*state);
		assert_hears(fd, "{\"parameters\":{}}");
	}
	assert_int_equal(open_descriptors(), before);
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0); /* nobody else holds its other end */
	close(ends[0]);
	close(fd);
}

TEST_CASE(test_answers_a_caller_that_has_shut_its_sending_side)
{
	static const char call[] = "{\"method\":\"jp.haishin.Agent.Echo\"}";
	int fd = varlink_site_call_in(*state);

	assert_int_equal(send(fd, call, sizeof(call), 0), sizeof(call));
	shutdown(fd, SHUT_WR);
	varlink_site_pump(*state);
	assert_hears(fd, "{\"parameters\":{}}");
	assert_hung_up(fd);
	close(fd);
}

TESTS(varlink_site_set_up, varlink_site_tear_down)
