/* Many connections to haishin-server at once. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/tools/server/server_site.h"

static int connect_to(int port)
{
	struct sockaddr_in where = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&where, sizeof(where)), 0);
	return fd;
}

static void send_request(int fd)
{
	static const char request[] = "GET /targets/file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

	assert_int_equal(send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL), sizeof(request) - 1);
}

/* Reads to the end; returns the bytes. */
static size_t read_all(int fd)
{
	char bytes[65536];
	size_t total = 0;
	ssize_t got;

	while ((got = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		total += (size_t)got;
	(void)close(fd);
	return total;
}

/* The most memory the program has held, in KiB. */
static int peak_kib(const struct program *program)
{
	char path[64], line[256];
	AUTO(file) FILE *status = NULL;
	int kib = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)program->pid);
	assert_non_null(status = fopen(path, "r"));
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "VmHWM: %d", &kib) == 1)
			break;
	return kib;
}

TEST_CASE(test_answers_500_connections_at_once_in_bounded_memory)
{
	const char *more[] = {"--insecure-http", "--max-connections", "500", NULL};
	struct site *site = *state;
	int fds[500];

	server_site_start(site, more);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		send_request(fds[i] = connect_to(site->port));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		assert_true(read_all(fds[i]) > FILE_SIZE);
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(peak_kib(&site->program), 1, 64 * 1024);
#else
	assert_in_range(peak_kib(&site->program), 1, 1024 * 1024);
#endif
	server_site_stop(site);
}

TEST_CASE(test_connections_beyond_the_limit_wait_their_turn)
{
	const char *more[] = {"--insecure-http", "--max-connections", "4", NULL};
	struct site *site = *state;
	int fds[20];

	server_site_start(site, more);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		send_request(fds[i] = connect_to(site->port));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		assert_true(read_all(fds[i]) > FILE_SIZE);
	server_site_stop(site);
}

TEST_CASE(test_one_address_gets_no_more_than_its_share)
{
	const char *more[] = {"--insecure-http", "--per-address", "2", NULL};
	struct site *site = *state;
	int held[2], refused;

	server_site_start(site, more);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		char byte;

		send_request(held[i] = connect_to(site->port));
		assert_int_equal(recv(held[i], &byte, 1, 0), 1);
	}
	refused = connect_to(site->port);
	assert_int_equal(read_all(refused), 0);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		assert_true(read_all(held[i]) > FILE_SIZE - 1);
	server_site_stop(site);
}

TEST_CASE(test_ends_what_it_is_sending_when_told_to_stop)
{
	const char *more[] = {"--insecure-http", NULL};
	struct site *site = *state;
	char byte;
	int fd;

	folder_put(&site->folder, "site/targets/file", site->bytes, FILE_SIZE);
	server_site_start(site, more);
	send_request(fd = connect_to(site->port));
	assert_int_equal(recv(fd, &byte, 1, 0), 1);
	(void)kill(site->program.pid, SIGTERM);
	assert_true(read_all(fd) > FILE_SIZE);
	assert_int_equal(program_wait(&site->program, NULL, 0), 0);
}

/* A client that goes away is no end of the test. */
static int ignore_pipes(void **state)
{
	(void)state;
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
}

TESTS_WITHIN(ignore_pipes, NULL, server_site_set_up, server_site_tear_down)
