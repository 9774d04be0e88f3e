/* haishin-server and those it did not ask for: stolen and foreign certificates, terminals that send for ten, connections
 * that say nothing. Asked by the client that terminals use, and by bare sockets. */
#include <arpa/inet.h>
#include <netinet/in.h>
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

#define ARGUMENTS_MOST 32

struct site {
	struct folder folder;
	struct pki pki;
	struct pki_pair server, one, two;
	struct program program;
	int port;
};

static void put_text(struct site *site, const char *name, const char *text)
{
	folder_put(&site->folder, name, text, strlen(text));
}

static int set_up(void **state)
{
	struct site *site = calloc(1, sizeof(*site));

	folder_init(&site->folder);
	pki_init(&site->pki, "Authority");
	pki_issue_server(&site->pki, &site->server, pki_yesterday(), pki_next_year());
	pki_issue_client(&site->pki, &site->one, "1312345678", pki_yesterday(), pki_next_year());
	pki_issue_client(&site->pki, &site->two, "1387654321", pki_yesterday(), pki_next_year());
	put_text(site, "site/file", "content");
	put_text(site, "server.pem", site->server.pem);
	folder_put_secret(&site->folder, "server.key", site->server.key_pem);
	put_text(site, "ca.pem", site->pki.ca_pem);
	assert_int_equal(mkdirat(site->folder.fd, "reports", 0755), 0);
	*state = site;
	return 0;
}

static int tear_down(void **state)
{
	struct site *site = *state;

	(void)program_stop(&site->program, SIGTERM, NULL, 0);
	folder_clear(&site->folder);
	pki_clear(&site->pki);
	pki_pair_clear(&site->server);
	pki_pair_clear(&site->one);
	pki_pair_clear(&site->two);
	free(site);
	return 0;
}

/* In its folder, so that names of files are short. */
static void start(struct site *site, const char *const *more)
{
	const char *argv[ARGUMENTS_MOST] = {"/bin/sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh",
		site->folder.path, HAISHIN_SERVER, "--listen", "127.0.0.1:0", "--root", "site", "--tls-cert",
		"server.pem", "--tls-key", "server.key", "--client-ca", "ca.pem", "--reports", "reports"};
	int argc = 0;
	char line[256];

	while (argv[argc])
		argc++;
	while (*more)
		argv[argc++] = *more++;
	program_start(&site->program, argv, -1);
	program_read_line(&site->program, line, sizeof(line));
	if (sscanf(line, "listening at %*[a-z]://127.0.0.1:%d", &site->port) != 1)
		fail_msg("it says '%s'", line);
}

static int append(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

static struct transport *come(struct site *site, const struct pki_pair *shown)
{
	struct http_options options = {
		.ca_pem = site->pki.ca_pem, .certificate_pem = shown->pem, .key_pem = shown->key_pem, .stop_fd = -1};
	struct transport *client = NULL;
	struct error err = {0};

	assert_ok(http_open(&options, &client, &err), &err);
	return client;
}

/* Asks for PATH over the connection of CLIENT, or sends BODY to it. Returns the status, 0 where there was none. */
static int ask_again(
	struct site *site, struct transport *client, const char *path, const char *body, struct error *ret_err)
{
	AUTO(buf) struct buf text = BUF_INIT(65536);
	char url[128];
	struct transport_request request = {
		.url = url, .limit = 65536, .body = body, .body_len = body ? strlen(body) : 0};
	struct transport_reply reply = {0};

	(void)snprintf(url, sizeof(url), "https://localhost:%d%s", site->port, path);
	*ret_err = (struct error){0};
	(void)!client->ask(client, &request, append, &text, &reply, ret_err);
	return reply.http_status;
}

/* The same over a new connection. */
static int ask(
	struct site *site, const struct pki_pair *shown, const char *path, const char *body, struct error *ret_err)
{
	AUTO(http) struct transport *client = come(site, shown);

	return ask_again(site, client, path, body, ret_err);
}

/* ---- Certificates ---- */

static void assert_refused(struct site *site, const struct pki_pair *shown)
{
	struct error err;

	(void)ask(site, shown, "/file", NULL, &err);
	assert_int_equal(err.code, ERROR_CERTIFICATE);
	(void)ask(site, shown, "/reports", "{}", &err);
	assert_int_equal(err.code, ERROR_CERTIFICATE);
}

TEST_CASE(test_a_servers_certificate_is_no_clients)
{
	struct site *site = *state;

	start(site, (const char *const[]){NULL});
	assert_refused(site, &site->server);
}

TEST_CASE(test_the_servers_own_certificate_is_no_clients_whatever_it_is_for)
{
	struct site *site = *state;

	pki_pair_clear(&site->server);
	pki_issue_server_for_any_purpose(&site->pki, &site->server, pki_yesterday(), pki_next_year());
	put_text(site, "server.pem", site->server.pem);
	folder_put_secret(&site->folder, "server.key", site->server.key_pem);
	start(site, (const char *const[]){NULL});
	assert_refused(site, &site->server);
}

static void put_list_of(
	struct site *site, const struct pki *pki, const struct pki_pair *revoked, int64_t from_s, int64_t to_s)
{
	AUTO(free) char *list = pki_revocation_list(pki, revoked, from_s, to_s);

	put_text(site, "crl.new", list);
	assert_int_equal(renameat(site->folder.fd, "crl.new", site->folder.fd, "crl.pem"), 0);
}

static void put_list(struct site *site, const struct pki *pki, const struct pki_pair *revoked)
{
	put_list_of(site, pki, revoked, pki_yesterday(), pki_next_year());
}

TEST_CASE(test_a_revoked_certificate_is_refused_from_the_moment_the_list_says_so)
{
	AUTO(http) struct transport *kept = NULL;
	struct site *site = *state;
	struct error err;

	put_list(site, &site->pki, NULL);
	start(site, (const char *const[]){"--client-crl", "crl.pem", NULL});
	kept = come(site, &site->one);
	assert_int_equal(ask_again(site, kept, "/file", NULL, &err), 200);
	put_list(site, &site->pki, &site->one);
	/* Over the connection that it kept, too. */
	(void)ask_again(site, kept, "/file", NULL, &err);
	assert_int_equal(err.code, ERROR_CERTIFICATE);
	assert_refused(site, &site->one);
	assert_int_equal(ask(site, &site->two, "/file", NULL, &err), 200);
}

/* Whoever wrote it may have had another clock, and may have been away since. */
TEST_CASE(test_a_list_holds_whatever_its_dates_say)
{
	struct site *site = *state;
	struct error err;

	put_list_of(site, &site->pki, &site->one, pki_next_year(), pki_next_year() + 86400);
	start(site, (const char *const[]){"--client-crl", "crl.pem", NULL});
	assert_refused(site, &site->one);
	put_list_of(site, &site->pki, &site->two, pki_yesterday() - 86400, pki_yesterday());
	assert_refused(site, &site->two);
	assert_int_equal(ask(site, &site->one, "/file", NULL, &err), 200);
}

TEST_CASE(test_a_list_of_no_use_leaves_the_former_in_force)
{
	struct site *site = *state;
	struct pki other;
	struct error err;

	put_list(site, &site->pki, &site->one);
	start(site, (const char *const[]){"--client-crl", "crl.pem", NULL});
	assert_refused(site, &site->one);
	put_text(site, "crl.pem", "no list\n");
	assert_refused(site, &site->one);
	pki_init(&other, "Another authority");
	put_list(site, &other, &site->two);
	assert_refused(site, &site->one);
	assert_int_equal(ask(site, &site->two, "/file", NULL, &err), 200);
	pki_clear(&other);
}

/* ---- Reports ---- */

TEST_CASE(test_one_certificate_fills_no_more_than_its_share)
{
	static const char *const more[] = {"--reports-per-client", "2", NULL};
	struct site *site = *state;
	struct error err;

	for (int again = 0; again < 2; again++) { /* a new start forgets nothing */
		char first[32], second[32];

		start(site, more);
		(void)snprintf(first, sizeof(first), "{\"night\":%d}", 2 * again);
		(void)snprintf(second, sizeof(second), "{\"night\":%d}", 2 * again + 1);
		assert_int_equal(ask(site, &site->one, "/reports", "{\"a\":1}", &err), 200);
		assert_int_equal(ask(site, &site->one, "/reports", "{\"a\":2}", &err), 200);
		assert_int_equal(ask(site, &site->one, "/reports", "{\"a\":3}", &err), 503);
		assert_int_equal(ask(site, &site->two, "/reports", again ? second : first, &err), 200);
		assert_int_equal(program_stop(&site->program, SIGTERM, NULL, 0), 0);
	}
	start(site, more);
}

TEST_CASE(test_who_sent_a_report_stands_beside_it)
{
	struct site *site = *state;
	AUTO(free) char *sender = NULL;
	struct error err;

	start(site, (const char *const[]){NULL});
	assert_int_equal(ask(site, &site->one, "/reports", "{\"a\":1}", &err), 200);
	sender = folder_get(&site->folder,
		"reports/015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862.sender", NULL);
	assert_non_null(sender);
	assert_non_null(strstr(sender, "CN=1312345678"));
	assert_non_null(strstr(sender, "\"certificate\""));
}

/* ---- Connections ---- */

static int connect_from(struct site *site, in_addr_t from)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(from)};
	struct sockaddr_in there = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)site->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&here, sizeof(here)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&there, sizeof(there)), 0);
	return fd;
}

TEST_CASE(test_connections_that_say_nothing_make_room)
{
	struct site *site = *state;
	struct error err;
	int silent[4];

	start(site, (const char *const[]){"--max-connections", "4", "--handshake-timeout", "1", NULL});
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		silent[i] = connect_from(site, INADDR_LOOPBACK);
	assert_int_equal(ask(site, &site->one, "/file", NULL, &err), 200);
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		char byte;

		assert_true(recv(silent[i], &byte, 1, 0) <= 0);
		(void)close(silent[i]);
	}
}

TEST_CASE(test_connections_that_stop_within_a_handshake_take_no_work)
{
	struct site *site = *state;
	struct error err;
	int silent[4];
	long before_ms;

	start(site, (const char *const[]){"--handshake-timeout", "3", NULL});
	assert_int_equal(ask(site, &site->one, "/file", NULL, &err), 200);
	before_ms = program_cpu_ms(&site->program);
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		silent[i] = connect_from(site, INADDR_LOOPBACK);
		assert_int_equal(send(silent[i], "\x16", 1, MSG_NOSIGNAL), 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		char byte;

		assert_true(recv(silent[i], &byte, 1, 0) <= 0);
		(void)close(silent[i]);
	}
	assert_in_range(program_cpu_ms(&site->program) - before_ms, 0, 200);
}

/* One byte of TLS now and then is as good as nothing. */
TEST_CASE(test_a_connection_that_dribbles_is_ended_too)
{
	static const unsigned char hello[] = {22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3};
	struct timeval soon = {.tv_usec = 200000};
	struct site *site = *state;
	ssize_t got = -1;
	char byte;
	int fd;

	start(site, (const char *const[]){"--handshake-timeout", "1", NULL});
	fd = connect_from(site, INADDR_LOOPBACK);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)), 0);
	for (size_t sent = 0; got < 0; sent++) { /* each turn waits until the server ends it, or for a while */
		if (send(fd, sent < sizeof(hello) ? &hello[sent] : (const unsigned char *)"", 1, MSG_NOSIGNAL) != 1)
			break;
		got = recv(fd, &byte, 1, 0);
	}
	assert_true(got <= 0);
	(void)close(fd);
}

TEST_CASE(test_one_address_cannot_take_all_connections)
{
	struct site *site = *state;
	struct error err;
	int fds[600];

	start(site, (const char *const[]){"--handshake-timeout", "3600", NULL});
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = connect_from(site, INADDR_LOOPBACK + 1);
	assert_int_equal(ask(site, &site->one, "/file", NULL, &err), 200);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		(void)close(fds[i]);
}

/* From however many addresses; each connection stays open behind its answer. */
TEST_CASE(test_one_certificate_cannot_take_all_connections)
{
	struct site *site = *state;
	struct transport *clients[6];
	struct error err;

	start(site, (const char *const[]){"--max-connections", "6", "--per-certificate", "4", NULL});
	for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
		clients[i] = come(site, &site->one);
		assert_int_equal(ask_again(site, clients[i], "/file", NULL, &err), i < 4 ? 200 : 0);
		assert_int_equal(err.code, i < 4 ? ERROR_NONE : ERROR_NETWORK);
	}
	assert_int_equal(ask(site, &site->two, "/file", NULL, &err), 200);
	assert_int_equal(ask_again(site, clients[3], "/file", NULL, &err), 200);
	http_close(clients[0]); /* whose place another gets, once the server has seen it go */
	while (ask_again(site, clients[5], "/file", NULL, &err) == 0)
		;
	for (size_t i = 1; i < ARRAY_SIZE(clients); i++)
		http_close(clients[i]);
}

/* A client that goes away is no end of the test. */
static int ignore_pipes(void **state)
{
	(void)state;
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
}

TESTS_WITHIN(ignore_pipes, NULL, set_up, tear_down)
