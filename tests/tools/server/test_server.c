/* haishin-server as an operator runs it, asked by the client that terminals use. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/support/folder.h"
#include "tests/support/pki.h"
#include "tests/support/program.h"
#include "tests/support/test.h"
#include "updater/fetch/http.h"

#define FILE_SIZE 1000000
#define ARGUMENTS_MOST 24

struct site {
	struct folder folder;
	struct pki pki, other;
	struct pki_pair server, client, expired, stranger;
	char path[8][300]; /* root, certificate, key, authority, log, reports, port file */
	struct program program;
	int port;
	char bytes[FILE_SIZE];
};

enum { ROOT, CERTIFICATE, KEY, AUTHORITY, LOG, REPORTS, PORT_FILE };

static void put_text(struct site *site, const char *name, const char *text)
{
	folder_put(&site->folder, name, text, strlen(text));
}

static int setup(void **state)
{
	static const char *const names[] = {"site", "server.pem", "server.key", "ca.pem", "log", "reports", "port"};
	struct site *site = calloc(1, sizeof(*site));

	folder_init(&site->folder);
	pki_init(&site->pki, "Authority");
	pki_init(&site->other, "Another authority");
	pki_issue_server(&site->pki, &site->server, pki_yesterday(), pki_next_year());
	pki_issue_client(&site->pki, &site->client, "1312345678", pki_yesterday(), pki_next_year());
	pki_issue_client(&site->pki, &site->expired, "1312345678", pki_yesterday(), pki_yesterday() + 60);
	pki_issue_client(&site->other, &site->stranger, "1312345678", pki_yesterday(), pki_next_year());
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)snprintf(site->path[i], sizeof(site->path[i]), "%s/%s", site->folder.path, names[i]);
	for (size_t i = 0; i < FILE_SIZE; i++)
		site->bytes[i] = (char)(i * 2654435761u >> 13);
	folder_put(&site->folder, "site/targets/file", site->bytes, FILE_SIZE);
	put_text(site, "site/metadata/1.root.json", "{}");
	put_text(site, "site/.secret", "secret");
	put_text(site, "site/empty", "");
	put_text(site, "secret", "secret");
	put_text(site, "server.pem", site->server.pem);
	folder_put_secret(&site->folder, "server.key", site->server.key_pem);
	put_text(site, "ca.pem", site->pki.ca_pem);
	assert_int_equal(mkdirat(site->folder.fd, "reports", 0755), 0);
	assert_int_equal(symlinkat("../secret", site->folder.fd, "site/out"), 0);
	*state = site;
	return 0;
}

static int teardown(void **state)
{
	struct site *site = *state;

	folder_clear(&site->folder);
	pki_clear(&site->pki);
	pki_clear(&site->other);
	pki_pair_clear(&site->server);
	pki_pair_clear(&site->client);
	pki_pair_clear(&site->expired);
	pki_pair_clear(&site->stranger);
	free(site);
	return 0;
}

/* Starts it with these arguments after its name, and waits until it says where it listens. */
static void start(struct site *site, const char *const *more)
{
	const char *argv[ARGUMENTS_MOST] = {HAISHIN_SERVER, "--listen", "127.0.0.1:0", "--root", site->path[ROOT]};
	char line[256];
	int argc = 5;

	for (; *more; more++)
		argv[argc++] = *more;
	program_start(&site->program, argv, -1);
	program_read_line(&site->program, line, sizeof(line));
	if (sscanf(line, "listening at %*[a-z]://127.0.0.1:%d", &site->port) != 1)
		fail_msg("it says '%s'", line);
}

static void start_with_tls(struct site *site)
{
	const char *more[] = {"--tls-cert", site->path[CERTIFICATE], "--tls-key", site->path[KEY], "--client-ca",
		site->path[AUTHORITY], "--access-log", site->path[LOG], "--reports", site->path[REPORTS],
		"--port-file", site->path[PORT_FILE], NULL};

	start(site, more);
}

static void stop(struct site *site)
{
	char output[1024];

	assert_int_equal(program_stop(&site->program, SIGTERM, output, sizeof(output)), 0);
	assert_string_equal(output, "");
}

static struct transport *open_client(struct site *site, const struct pki_pair *shown)
{
	struct http_options options = {.ca_pem = site->pki.ca_pem, .stop_fd = -1};
	struct transport *transport;
	struct error err = {0};

	options.certificate_pem = shown ? shown->pem : NULL;
	options.key_pem = shown ? shown->key_pem : NULL;
	assert_ok(http_open(&options, &transport, &err), &err);
	return transport;
}

static int append(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

/* Asks for a part of PATH, or sends BODY to it. */
static int ask(struct site *site, struct transport *client, const char *path, uint64_t offset, uint64_t length,
	const char *body, struct buf *ret_body, struct transport_reply *ret_reply, struct error *err)
{
	char url[512];
	struct transport_request request = {.url = url,
		.offset = offset,
		.length = length,
		.limit = FILE_SIZE,
		.body = body,
		.body_len = body ? strlen(body) : 0};

	(void)snprintf(url, sizeof(url), "https://localhost:%d%s", site->port, path);
	buf_empty(ret_body);
	return client->ask(client, &request, append, ret_body, ret_reply, err);
}

static void test_serves_files_whole_and_in_parts(void **state)
{
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(http) struct transport *client = open_client(site, &site->client);
	struct transport_reply reply;
	struct error err = {0};

	start_with_tls(site);
	assert_ok(ask(site, client, "/targets/file", 0, 0, NULL, &body, &reply, &err), &err);
	assert_int_equal(body.len, FILE_SIZE);
	assert_memory_equal(body.data, site->bytes, FILE_SIZE);
	assert_ok(ask(site, client, "/targets/file", 77777, 11111, NULL, &body, &reply, &err), &err);
	assert_int_equal(reply.http_status, 206);
	assert_memory_equal(body.data, site->bytes + 77777, 11111);
	assert_int_equal(ask(site, client, "/targets/file", FILE_SIZE, 1, NULL, &body, &reply, &err), -1);
	assert_int_equal(reply.http_status, 416);
	assert_ok(ask(site, client, "/empty", 0, 0, NULL, &body, &reply, &err), &err);
	assert_int_equal(reply.bytes, 0);
	stop(site);
}

static void test_serves_nothing_outside_its_root(void **state)
{
	static const char *const paths[] = {"/../secret", "/%2e%2e/secret", "/targets/../../secret", "/..%2fsecret",
		"/out", "/.secret", "//secret", "/targets", "/targets/", "/", "/targets/file%00", "/etc/passwd"};
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(http) struct transport *client = open_client(site, &site->client);
	struct transport_reply reply;

	start_with_tls(site);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct error err = {0};

		assert_int_equal(ask(site, client, paths[i], 0, 0, NULL, &body, &reply, &err), -1);
		assert_error(&err, ERROR_NOT_FOUND, "(404)");
		assert_int_equal(body.len, 0);
	}
	stop(site);
}

static void test_wants_a_client_certificate_that_is_valid(void **state)
{
	struct site *site = *state;
	const struct {
		const struct pki_pair *shown;
		const char *text;
	} rows[] = {{NULL, "none is installed"}, {&site->expired, "does not accept"},
		{&site->stranger, "does not accept"}};
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct transport_reply reply;

	start_with_tls(site);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(http) struct transport *client = open_client(site, rows[i].shown);
		struct error err = {0};

		assert_int_equal(ask(site, client, "/targets/file", 0, 0, NULL, &body, &reply, &err), -1);
		assert_error(&err, ERROR_CERTIFICATE, rows[i].text);
		assert_int_equal(ask(site, client, "/reports", 0, 0, "{}", &body, &reply, &err), -1);
		assert_error(&err, ERROR_CERTIFICATE, rows[i].text);
	}
	stop(site);
}

static void test_keeps_reports_and_gives_receipts(void **state)
{
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(http) struct transport *client = open_client(site, &site->client);
	struct transport_reply reply;
	struct error err = {0};
	char *kept, *large;

	start_with_tls(site);
	assert_ok(ask(site, client, "/reports", 0, 0, "{\"a\":1}", &body, &reply, &err), &err);
	assert_non_null(strstr(body.data, "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"));
	kept = folder_get(
		&site->folder, "reports/015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862.json", NULL);
	assert_string_equal(kept, "{\"a\":1}");
	free(kept);
	assert_int_equal(ask(site, client, "/reports", 0, 0, "no JSON", &body, &reply, &err), -1);
	assert_int_equal(reply.http_status, 400);
	large = malloc(70001);
	memset(large, ' ', 70000);
	large[70000] = '\0';
	assert_int_equal(ask(site, client, "/reports", 0, 0, large, &body, &reply, &err), -1);
	assert_int_equal(reply.http_status, 413);
	free(large);
	assert_int_equal(ask(site, client, "/targets/file", 0, 0, "{}", &body, &reply, &err), -1);
	assert_int_equal(reply.http_status, 405);
	stop(site);
}

static void test_logs_each_request_with_its_client(void **state)
{
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(http) struct transport *client = open_client(site, &site->client);
	struct transport_reply reply;
	struct error err = {0};
	char *log;

	start_with_tls(site);
	assert_ok(ask(site, client, "/targets/file", 5, 10, NULL, &body, &reply, &err), &err);
	assert_int_equal(ask(site, client, "/a%0ab", 0, 0, NULL, &body, &reply, &err), -1);
	stop(site);
	log = folder_get(&site->folder, "log", NULL);
	assert_non_null(strstr(log, "Z GET /targets/file 206 10 "));
	assert_non_null(strstr(log, "Z GET /a%0ab 404 "));
	assert_non_null(strstr(log, "ms ok CN=1312345678\n"));
	free(log);
}

static void test_tells_its_port(void **state)
{
	struct site *site = *state;
	char *text;

	start_with_tls(site);
	text = folder_get(&site->folder, "port", NULL);
	assert_int_equal(atoi(text), site->port);
	free(text);
	stop(site);
}

static void test_says_why_it_cannot_start(void **state)
{
	struct site *site = *state;
	char taken[64];
	const struct {
		const char *argv[10];
		int status;
		const char *text;
	} rows[] = {
		{{"--root", "/nowhere", "--listen", "127.0.0.1:0", "--insecure-http"}, 3, "--root: "},
		{{"--root", site->path[ROOT], "--listen", "127.0.0.1", "--insecure-http"}, 2, "has not the form"},
		{{"--root", site->path[ROOT], "--listen", "127.0.0.1:99999", "--insecure-http"}, 2, "is no port"},
		{{"--root", site->path[ROOT], "--listen", taken, "--insecure-http"}, 75, "Address already in use"},
		{{"--root", site->path[ROOT], "--listen", "127.0.0.1:0"}, 2, "say --insecure-http"},
		{{"--root", site->path[ROOT], "--listen", "127.0.0.1:0", "--tls-cert", "/none", "--tls-key",
			 site->path[KEY]},
			8, "the server's certificate: "},
		{{"--root", site->path[ROOT], "--listen", "127.0.0.1:0", "--tls-cert", site->path[AUTHORITY],
			 "--tls-key", site->path[KEY]},
			8, "does not belong to the certificate"},
	};

	start_with_tls(site);
	(void)snprintf(taken, sizeof(taken), "127.0.0.1:%d", site->port);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *argv[ARGUMENTS_MOST] = {HAISHIN_SERVER};
		struct program program;
		char output[1024];
		int status;

		for (int j = 0; rows[i].argv[j]; j++)
			argv[j + 1] = rows[i].argv[j];
		program_start(&program, argv, -1);
		status = program_wait(&program, output, sizeof(output));
		if (status != rows[i].status || !strstr(output, rows[i].text))
			fail_msg("row %d: %d: %s", (int)i, status, output);
	}
	stop(site);
}

/* A key that others may read is none, and who may come in is not for others to say. */
static void test_secrets_that_others_may_read_and_authorities_that_they_may_write_are_refused(void **state)
{
	struct site *site = *state;
	const char *argv[] = {HAISHIN_SERVER, "--root", site->path[ROOT], "--listen", "127.0.0.1:0", "--tls-cert",
		site->path[CERTIFICATE], "--tls-key", site->path[KEY], "--client-ca", site->path[AUTHORITY], NULL};
	static const struct {
		const char *file;
		mode_t mode;
		const char *text;
	} rows[] = {{"server.key", 0640, "chmod go-rwx"}, {"ca.pem", 0664, "chmod go-w"}};

	if (geteuid() != 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct program program;
		char output[1024];

		assert_int_equal(fchmodat(site->folder.fd, rows[i].file, rows[i].mode, 0), 0);
		program_start(&program, argv, -1);
		assert_int_equal(program_wait(&program, output, sizeof(output)), 8);
		if (!strstr(output, rows[i].text))
			fail_msg("%s", output);
		assert_int_equal(fchmodat(site->folder.fd, rows[i].file, 0600, 0), 0);
	}
}

/* ---- Many connections ---- */

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

static void test_answers_500_connections_at_once_in_bounded_memory(void **state)
{
	const char *more[] = {"--insecure-http", "--max-connections", "500", NULL};
	struct site *site = *state;
	int fds[500];

	start(site, more);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		send_request(fds[i] = connect_to(site->port));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		assert_true(read_all(fds[i]) > FILE_SIZE);
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(peak_kib(&site->program), 1, 64 * 1024);
#else
	assert_in_range(peak_kib(&site->program), 1, 1024 * 1024);
#endif
	stop(site);
}

static void test_connections_beyond_the_limit_wait_their_turn(void **state)
{
	const char *more[] = {"--insecure-http", "--max-connections", "4", NULL};
	struct site *site = *state;
	int fds[20];

	start(site, more);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		send_request(fds[i] = connect_to(site->port));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		assert_true(read_all(fds[i]) > FILE_SIZE);
	stop(site);
}

static void test_one_address_gets_no_more_than_its_share(void **state)
{
	const char *more[] = {"--insecure-http", "--per-address", "2", NULL};
	struct site *site = *state;
	int held[2], refused;

	start(site, more);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		char byte;

		send_request(held[i] = connect_to(site->port));
		assert_int_equal(recv(held[i], &byte, 1, 0), 1);
	}
	refused = connect_to(site->port);
	assert_int_equal(read_all(refused), 0);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		assert_true(read_all(held[i]) > FILE_SIZE - 1);
	stop(site);
}

static void test_listens_on_ipv6(void **state)
{
	struct site *site = *state;
	const char *argv[] = {HAISHIN_SERVER, "--listen", "[::1]:0", "--root", site->path[ROOT], "--tls-cert",
		site->path[CERTIFICATE], "--tls-key", site->path[KEY], NULL};
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	AUTO(http) struct transport *client = open_client(site, NULL);
	struct transport_request request = {.limit = FILE_SIZE};
	struct transport_reply reply;
	struct error err = {0};
	char line[256], url[256];

	program_start(&site->program, argv, -1);
	program_read_line(&site->program, line, sizeof(line));
	assert_int_equal(sscanf(line, "listening at https://[::1]:%d", &site->port), 1);
	(void)snprintf(url, sizeof(url), "https://[::1]:%d/targets/file", site->port);
	request.url = url;
	assert_ok(client->ask(client, &request, append, &body, &reply, &err), &err);
	assert_int_equal(body.len, FILE_SIZE);
	stop(site);
}

static void test_ends_what_it_is_sending_when_told_to_stop(void **state)
{
	const char *more[] = {"--insecure-http", NULL};
	struct site *site = *state;
	char byte;
	int fd;

	folder_put(&site->folder, "site/targets/file", site->bytes, FILE_SIZE);
	start(site, more);
	send_request(fd = connect_to(site->port));
	assert_int_equal(recv(fd, &byte, 1, 0), 1);
	(void)kill(site->program.pid, SIGTERM);
	assert_true(read_all(fd) > FILE_SIZE);
	assert_int_equal(program_wait(&site->program, NULL, 0), 0);
}

#define with_site(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_site(test_serves_files_whole_and_in_parts),
		with_site(test_serves_nothing_outside_its_root),
		with_site(test_wants_a_client_certificate_that_is_valid),
		with_site(test_keeps_reports_and_gives_receipts),
		with_site(test_logs_each_request_with_its_client),
		with_site(test_tells_its_port),
		with_site(test_says_why_it_cannot_start),
		with_site(test_secrets_that_others_may_read_and_authorities_that_they_may_write_are_refused),
		with_site(test_answers_500_connections_at_once_in_bounded_memory),
		with_site(test_connections_beyond_the_limit_wait_their_turn),
		with_site(test_one_address_gets_no_more_than_its_share),
		with_site(test_listens_on_ipv6),
		with_site(test_ends_what_it_is_sending_when_told_to_stop),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
