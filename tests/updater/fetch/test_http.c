#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "tests/support/pki.h"
#include "tests/updater/visit.h"

/* The headers of the last request hold PART. */
static void assert_sent(struct visit *visit, const char *part)
{
	char request[8192];

	bad_server_last_request(visit->faults.server, request, sizeof(request));
	if (!strstr(request, part))
		fail_msg("no '%s' in: %s", part, request);
}

TEST_CASE(test_gives_each_fault_its_class_and_succeeds_the_next_time)
{
	struct visit *visit = *state;

	visit_open_http(visit);
	faults_check_all(&visit->faults, visit->transport);
}

TEST_CASE(test_gives_up_a_server_that_is_silent_or_too_slow_and_succeeds_the_next_time)
{
	struct visit *visit = *state;

	visit->options.http.stall_timeout_s = FAULTS_SHORT_STALL_S;
	visit_open_http(visit);
	faults_check_silence(&visit->faults, visit->transport);
}

TEST_CASE(test_passes_wrong_bytes_on_for_the_digest_to_refuse)
{
	struct visit *visit = *state;

	bad_server_queue(visit->faults.server, BAD_BYTES, 777);
	visit_open_http(visit);
	assert_ok(visit_get(visit), &visit->err);
	assert_int_equal(visit->body.len, FAULTS_FILE_SIZE);
	assert_int_equal((unsigned char)visit->body.data[777], visit->faults.bytes[777] ^ 1);
}

TEST_CASE(test_keeps_its_connection)
{
	struct visit *visit = *state;

	visit_open_http(visit);
	for (int i = 0; i < 5; i++)
		assert_gets_file(visit);
	assert_int_equal(bad_server_connections(visit->faults.server), 1);
}

TEST_CASE(test_sends_the_path_as_it_stands)
{
	struct visit *visit = *state;
	char url[256];

	(void)snprintf(url, sizeof(url), "%s/a/../%%2e%%2E//x", bad_server_url(visit->faults.server));
	visit_open_http(visit);
	assert_int_equal(visit_get_url(visit, url), -1);
	assert_sent(visit, "GET /a/../%2e%2E//x HTTP/1.1\r\n");
}

TEST_CASE(test_ignores_the_proxies_of_the_environment)
{
	struct visit *visit = *state;

	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	visit_open_http(visit);
	assert_gets_file(visit);
	(void)unsetenv("http_proxy");
	(void)unsetenv("ALL_PROXY");
}

TEST_CASE(test_goes_through_the_proxy_that_is_configured_with_its_user)
{
	struct visit *visit = *state;

	(void)setenv("NO_PROXY", "*", 1);
	visit->options.http.proxy = bad_server_url(visit->faults.server);
	visit->options.http.proxy_credentials = "user:word";
	visit_open_http(visit);
	bad_server_queue(visit->faults.server, BAD_STATUS, 200);
	assert_ok(visit_get_url(visit, "http://haishin.example/file"), &visit->err);
	assert_sent(visit, "GET http://haishin.example/file HTTP/1.1\r\n");
	assert_sent(visit, "Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n");
	(void)unsetenv("NO_PROXY");
}

TEST_CASE(test_says_that_the_proxy_does_not_let_it_through)
{
	static const struct {
		int status;
		const char *text;
	} rows[] = {{407, "the proxy wants another user and password"},
		{401, "the proxy wants another user and password"}, {403, "does not let us through (403)"},
		{503, "does not let us through (503)"}};
	struct visit *visit = *state;

	visit->options.http.proxy = bad_server_url(visit->faults.server);
	visit_open_http(visit);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bad_server_queue(visit->faults.server, BAD_STATUS, (uint64_t)rows[i].status);
		assert_int_equal(visit_get_url(visit, "https://haishin.example/file"), -1);
		assert_error(&visit->err, ERROR_NETWORK, rows[i].text);
		assert_sent(visit, "CONNECT haishin.example:443 HTTP/1.1\r\n");
	}
}

TEST_CASE(test_stops_when_told_to)
{
	visit_check_stop(*state, visit_open_http);
}

struct stopper {
	int stop_fd;
	size_t at, len;
};

/* Asks to stop once all that is expected has come. */
static int count_and_stop(void *context, const void *data, size_t len, struct error *err)
{
	struct stopper *stopper = context;

	(void)data, (void)err;
	stopper->len += len;
	if (stopper->len == stopper->at)
		assert_int_equal(eventfd_write(stopper->stop_fd, 1), 0);
	return 0;
}

TEST_CASE(test_hands_over_what_came_before_it_waits_for_more)
{
	struct visit *visit = *state;
	AUTO(fd) int stop_fd = eventfd(0, EFD_CLOEXEC);
	struct stopper stopper = {.stop_fd = stop_fd, .at = 1000};
	struct transport_request request = {.url = visit->faults.url, .limit = UINT64_MAX};

	visit->options.http.stop_fd = stop_fd;
	visit->options.http.stall_timeout_s = 1000;
	visit_open_http(visit);
	bad_server_queue(visit->faults.server, BAD_STALL, stopper.at);
	assert_int_equal(visit_get_into(visit, &request, count_and_stop, &stopper), -1);
	assert_error(&visit->err, ERROR_STOPPED, "stop");
	assert_int_equal(visit->reply.bytes, stopper.at);
	visit_close(visit);
}

TEST_CASE(test_a_transfer_takes_no_longer_than_it_may)
{
	struct visit *visit = *state;
	struct stopper stopper = {.stop_fd = -1, .at = UINT64_MAX};
	struct transport_request request = {.url = visit->faults.url, .limit = UINT64_MAX, .time_limit_s = 1};

	visit_open_http(visit);
	bad_server_queue(visit->faults.server, BAD_SLOW, 20000); /* the whole would take 15 s */
	assert_int_equal(visit_get_into(visit, &request, count_and_stop, &stopper), -1);
	assert_error(&visit->err, ERROR_NETWORK, "silent or too slow");
	assert_true(visit->reply.bytes > 0);
	visit_close(visit);
}

TEST_CASE(test_a_limit_on_the_speed_is_no_reason_to_end_for_slowness)
{
	struct visit *visit = *state;
	struct stopper stopper = {.stop_fd = -1, .at = UINT64_MAX};
	struct transport_request request = {
		.url = visit->faults.url, .length = 4000, .limit = 4000, .time_limit_s = 3};

	/* Five seconds at less than a server has to bring within four; a machine may stand still for a while. */
	visit->options.http.stall_timeout_s = 2;
	visit->options.http.most_bytes_per_s = HTTP_SLOWEST * 8;
	visit_open_http(visit);
	assert_ok(visit_get_into(visit, &request, count_and_stop, &stopper), &visit->err);
	assert_int_equal(stopper.len, 4000);
	visit_close(visit);
}

TEST_CASE(test_keeps_to_its_speed_limit_over_transfers_and_takes_it_for_no_stall)
{
	/* Nothing can make it shorter than the limit does: all bytes, but for the last piece and what may be made up
	 * for. */
	static const struct {
		int64_t rate;
		int transfers;
		uint64_t length;
		int64_t least_ms;
	} rows[] = {{20000, 3, 20000, 1800}, {20000000, 30, FAULTS_FILE_SIZE, 300}};
	struct visit *visit = *state;
	struct clock clock;

	clock_init(&clock, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t began_ms = clock.monotonic_ms(&clock);

		visit_open_http(visit);
		http_set_rate(visit->transport, rows[i].rate);
		for (int transfer = 0; transfer < rows[i].transfers; transfer++)
			assert_ok(visit_get_part(visit, visit->faults.url, 0, rows[i].length), &visit->err);
		assert_memory_equal(visit->body.data, visit->faults.bytes, rows[i].length);
		assert_true(clock.monotonic_ms(&clock) - began_ms >= rows[i].least_ms);
	}
}

static int ignore(void *context, const void *data, size_t len, struct error *err)
{
	(void)context, (void)data, (void)len, (void)err;
	return 0;
}

TEST_CASE(test_ends_with_the_error_of_the_sink_and_goes_on_after_it)
{
	visit_check_sink_that_fails(*state, visit_open_http);
}

TEST_CASE(test_posts_a_body)
{
	struct visit *visit = *state;
	struct transport_request request = {
		.url = visit->faults.url, .limit = 1000, .body = "{\"a\":1}", .body_len = 7};

	visit_open_http(visit);
	bad_server_queue(visit->faults.server, BAD_STATUS, 200);
	assert_ok(visit_get_into(visit, &request, ignore, NULL), &visit->err);
	assert_sent(visit, "POST /file HTTP/1.1\r\n");
	assert_sent(visit, "Content-Type: application/json\r\n");
	assert_sent(visit, "\r\n\r\n{\"a\":1}");
}

TEST_CASE(test_tells_no_password_in_its_messages)
{
	struct visit *visit = *state;

	visit_open_http(visit);
	assert_int_equal(visit_get_url(visit, "http://user:secret@127.0.0.1:1/x"), -1);
	assert_error(&visit->err, ERROR_NETWORK, "http://127.0.0.1:1/x: no contact");
	assert_null(strstr(visit->err.text, "secret"));
}

TEST_CASE(test_refuses_what_is_no_http_url)
{
	static const char *const urls[] = {"ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "http://", "http://a b/"};
	struct visit *visit = *state;

	visit_open_http(visit);
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		assert_int_equal(visit_get_url(visit, urls[i]), -1);
		assert_error(&visit->err, i < 2 ? ERROR_NETWORK : ERROR_INPUT, "URL");
	}
}

/* A listener that answers no connection: its queue is full, so the kernel drops what comes. */
static void make_dead_address(int port, int ret_fds[static 3])
{
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons((uint16_t)port)};

	ret_fds[0] = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(ret_fds[0], (struct sockaddr *)&v6, sizeof(v6)), 0);
	assert_int_equal(listen(ret_fds[0], 0), 0);
	for (int i = 1; i < 3; i++) {
		ret_fds[i] = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(ret_fds[i], (struct sockaddr *)&v6, sizeof(v6));
	}
}

/* Asks HOST for the server's file, where nobody answers at the server's port of [::1]. */
static int get_beside_a_dead_address(struct visit *visit, const char *host)
{
	int port = bad_server_port(visit->faults.server), dead[3], result;
	char url[128];

	make_dead_address(port, dead);
	(void)snprintf(url, sizeof(url), "http://%s:%d/file", host, port);
	visit_open_http(visit);
	result = visit_get_url(visit, url);
	for (int i = 0; i < 3; i++)
		(void)close(dead[i]);
	return result;
}

TEST_CASE(test_reaches_a_server_one_of_whose_addresses_is_dead)
{
	struct visit *visit = *state;

	assert_ok(get_beside_a_dead_address(visit, "localhost"), &visit->err);
}

TEST_CASE(test_gives_up_on_an_address_that_does_not_answer)
{
	struct visit *visit = *state;

	visit->options.http.connect_timeout_ms = 300;
	assert_int_equal(get_beside_a_dead_address(visit, "[::1]"), -1);
	assert_int_equal(visit->err.code, ERROR_NETWORK);
}

/* ---- From this machine ---- */

TEST_CASE(test_reads_a_stick_as_it_reads_a_server)
{
	struct visit *visit = *state;
	char url[512];

	(void)snprintf(url, sizeof(url), "file://%s/f%%69le", visit->faults.folder.path);
	visit_open_http(visit);
	assert_ok(visit_get_url(visit, url), &visit->err);
	assert_int_equal(visit->body.len, FAULTS_FILE_SIZE);
	assert_ok(visit_get_part(visit, url, 1000, 5000), &visit->err);
	assert_int_equal(visit->body.len, 5000);
	assert_memory_equal(visit->body.data, visit->faults.bytes + 1000, 5000);
	assert_int_equal(visit_get_part(visit, url, FAULTS_FILE_SIZE - 10, 11), -1);
	assert_error(&visit->err, ERROR_SERVER, "ends at byte 300000");
}

TEST_CASE(test_reads_only_plain_files_of_a_stick)
{
	static const struct {
		const char *path;
		enum error_code code;
	} cases[] = {{"", ERROR_NOT_FOUND}, {"/missing", ERROR_NOT_FOUND}, {"/f%00", ERROR_INPUT},
		{"/f%zz", ERROR_INPUT}, {"/f%4", ERROR_INPUT}};
	struct visit *visit = *state;
	char url[512];

	visit_open_http(visit);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(url, sizeof(url), "file://%s%s", visit->faults.folder.path, cases[i].path);
		assert_int_equal(visit_get_url(visit, url), -1);
		assert_int_equal(visit->err.code, cases[i].code);
	}
	assert_int_equal(visit_get_url(visit, "file:relative"), -1);
	assert_int_equal(visit->err.code, ERROR_INPUT);
}

/* ---- TLS ---- */

/* What a row of the table below shows to whom. */
enum shown { SHOW_NONE, SHOW_GOOD, SHOW_EXPIRED, SHOW_STRANGER };

struct tls_case {
	const char *name;
	bool server_expired, server_stranger, wants_client;
	enum shown shown;
	enum error_code code;
	const char *text;
};

static const struct tls_case tls_cases[] = {
	{"all is well", false, false, true, SHOW_GOOD, ERROR_NONE, ""},
	{"no client certificate is wanted", false, false, false, SHOW_NONE, ERROR_NONE, ""},
	{"missing", false, false, true, SHOW_NONE, ERROR_CERTIFICATE, "none is installed"},
	{"expired", false, false, true, SHOW_EXPIRED, ERROR_CERTIFICATE, "expired"},
	{"of a stranger", false, false, true, SHOW_STRANGER, ERROR_CERTIFICATE,
		"does not accept the client certificate"},
	{"the server's expired", true, false, false, SHOW_NONE, ERROR_CERTIFICATE, "server's certificate"},
	{"the server's is a stranger's", false, true, false, SHOW_NONE, ERROR_CERTIFICATE, "server's certificate"},
};

static void check_tls(
	struct visit *visit, const struct tls_case *row, const struct pki *ours, const struct pki *other)
{
	int64_t end_s = row->server_expired ? pki_yesterday() + 3600 : pki_next_year();
	int64_t client_end_s = row->shown == SHOW_EXPIRED ? pki_yesterday() + 3600 : pki_next_year();
	struct http_options *options = &visit->options.http;
	struct pki_pair server_pair, client_pair;
	struct bad_server *server;
	char url[128];
	int result;

	pki_issue_server(row->server_stranger ? other : ours, &server_pair, pki_yesterday(), end_s);
	pki_issue_client(row->shown == SHOW_STRANGER ? other : ours, &client_pair, "1312345678", pki_yesterday(),
		client_end_s);
	server = bad_server_start(&(struct bad_server_options){.folder = visit->faults.folder.path,
		.certificate_pem = server_pair.pem,
		.key_pem = server_pair.key_pem,
		.client_ca_pem = row->wants_client ? ours->ca_pem : NULL});
	options->ca_pem = ours->ca_pem;
	options->certificate_pem = row->shown == SHOW_NONE ? NULL : client_pair.pem;
	options->key_pem = row->shown == SHOW_NONE ? NULL : client_pair.key_pem;
	(void)snprintf(url, sizeof(url), "%s/file", bad_server_url(server));
	visit_open_http(visit);
	result = visit_get_url(visit, url);
	if ((result == 0) != (row->code == ERROR_NONE) || visit->err.code != row->code ||
		!strstr(visit->err.text, row->text))
		fail_msg("%s: got %s: %s", row->name, error_code_name(visit->err.code), visit->err.text);
	visit_close(visit);
	bad_server_stop(server);
	pki_pair_clear(&server_pair);
	pki_pair_clear(&client_pair);
}

TEST_CASE(test_names_what_is_wrong_with_certificates)
{
	struct pki ours, other;

	pki_init(&ours, "Authority");
	pki_init(&other, "Another authority");
	for (size_t i = 0; i < ARRAY_SIZE(tls_cases); i++)
		check_tls(*state, &tls_cases[i], &ours, &other);
	pki_clear(&ours);
	pki_clear(&other);
}

TESTS(visit_setup, visit_teardown)
