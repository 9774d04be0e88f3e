/* The collector and connections that ask for nothing. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/collector/collector_fixture.h"
#include "tests/support/test.h"

static int setup(void **state)
{
	struct collector *collector = malloc(sizeof(*collector));

	collector_init(collector);
	*state = collector;
	return 0;
}

static int teardown(void **state)
{
	collector_stop(*state);
	collector_clear(*state);
	free(*state);
	return 0;
}

static int connect_from(const struct collector *collector, in_addr_t from)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(from)};
	struct sockaddr_in there = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(strrchr(collector->base, ':') + 1)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof(here)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof(there)), 0);
	return fd;
}

static void assert_answers(const struct collector *collector)
{
	struct ask *client = collector_client(collector, &collector->operator);
	struct ask_answer answer = {.head = BUF_INIT(65536), .body = BUF_INIT(1u << 20)};

	assert_int_not_equal(ask_for(client, "/", NULL, 0, &answer), 0);
	ask_answer_clear(&answer);
	ask_free(client);
}

TEST_CASE(test_collector_connections_that_say_nothing_make_room)
{
	struct collector *collector = *state;
	int silent[8];

	(void)snprintf(
		collector->more, sizeof(collector->more), "[collector]\nconnections = 8\nhandshake_timeout = 1s\n");
	collector_start(collector);
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		silent[i] = connect_from(collector, INADDR_LOOPBACK);
	assert_answers(collector);
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		char byte;

		assert_true(recv(silent[i], &byte, 1, 0) <= 0);
		(void)close(silent[i]);
	}
}

TEST_CASE(test_collector_connections_that_stop_within_a_handshake_take_no_work)
{
	struct collector *collector = *state;
	int silent[4];
	long before_ms;

	(void)snprintf(collector->more, sizeof(collector->more), "[collector]\nhandshake_timeout = 3s\n");
	collector_start(collector);
	assert_answers(collector);
	before_ms = program_cpu_ms(&collector->program);
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		silent[i] = connect_from(collector, INADDR_LOOPBACK);
		assert_int_equal(send(silent[i], "\x16", 1, MSG_NOSIGNAL), 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		char byte;

		assert_true(recv(silent[i], &byte, 1, 0) <= 0);
		(void)close(silent[i]);
	}
	assert_in_range(program_cpu_ms(&collector->program) - before_ms, 0, 200);
}

TEST_CASE(test_collector_one_address_cannot_take_all_connections)
{
	struct collector *collector = *state;
	int fds[20];

	(void)snprintf(collector->more, sizeof(collector->more),
		"[collector]\nconnections = 16\nper_address = 4\nhandshake_timeout = 3600s\n");
	collector_start(collector);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = connect_from(collector, INADDR_LOOPBACK + 1);
	assert_answers(collector);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		(void)close(fds[i]);
}

static long come_again(struct ask *client)
{
	struct ask_answer answer = {.head = BUF_INIT(65536), .body = BUF_INIT(1u << 20)};
	long status = ask_for(client, "/", NULL, 0, &answer);

	ask_answer_clear(&answer);
	return status;
}

/* From however many addresses; each connection stays open behind its answer. */
TEST_CASE(test_collector_one_certificate_cannot_take_all_connections)
{
	struct collector *collector = *state;
	struct ask *clients[6];

	(void)snprintf(collector->more, sizeof(collector->more), "[collector]\nconnections = 6\nper_certificate = 4\n");
	collector_start(collector);
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		clients[i] = collector_client(collector, &collector->terminal);
		assert_int_equal(come_again(clients[i]) != 0, i < 4);
	}
	assert_answers(collector);
	assert_int_not_equal(come_again(clients[3]), 0);
	ask_free(clients[0]); /* whose place another gets, once the collector has seen it go */
	while (come_again(clients[5]) == 0)
		;
	for (size_t i = 1; i < ARRAY_SIZE(clients); i++)
		ask_free(clients[i]);
}

TESTS(setup, teardown)
