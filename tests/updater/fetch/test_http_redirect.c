/* Where a server may send the worker on to, and what goes along: through the real worker, between real servers. */
#include "updater/fetch/http_redirect.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/pki.h"
#include "tests/support/test.h"
#include "tests/updater/faults.h"
#include "updater/fetch/fetch.h"

#define URL_SIZE 512

/* All on this machine; "127.0.0.1" and "localhost" are two hosts to whoever compares names. */
struct site {
	struct faults faults; /* its server is asked first */
	struct bad_server *other;
	struct bad_server *tls; /* these two want a client certificate */
	struct bad_server *other_tls;
	struct pki pki;
	struct pki_pair server_pair, client_pair;
	struct fetch_options options;
	struct fetch *fetch;
	struct error err;
	struct buf body;
	struct transport_reply reply;
};

static struct bad_server *start_tls(const struct site *site)
{
	return bad_server_start(&(struct bad_server_options){.folder = site->faults.folder.path,
		.certificate_pem = site->server_pair.pem,
		.key_pem = site->server_pair.key_pem,
		.client_ca_pem = site->pki.ca_pem});
}

static int setup(void **state)
{
	struct site *site = calloc(1, sizeof(*site));

	assert_non_null(site);
	faults_init(&site->faults);
	pki_init(&site->pki, "Authority");
	pki_issue_server(&site->pki, &site->server_pair, pki_yesterday(), pki_next_year());
	pki_issue_client(&site->pki, &site->client_pair, "1312345678", pki_yesterday(), pki_next_year());
	site->other = bad_server_start(&(struct bad_server_options){.folder = site->faults.folder.path});
	site->tls = start_tls(site);
	site->other_tls = start_tls(site);
	site->options = (struct fetch_options){.program = HAISHIN_FETCH, .http = faults_options()};
	site->options.http.ca_pem = site->pki.ca_pem;
	site->options.http.certificate_pem = site->client_pair.pem;
	site->options.http.key_pem = site->client_pair.key_pem;
	site->body = (struct buf)BUF_INIT(FAULTS_FILE_SIZE);
	*state = site;
	return 0;
}

static int teardown(void **state)
{
	struct site *site = *state;

	fetch_free(site->fetch);
	bad_server_stop(site->other);
	bad_server_stop(site->tls);
	bad_server_stop(site->other_tls);
	pki_pair_clear(&site->server_pair);
	pki_pair_clear(&site->client_pair);
	pki_clear(&site->pki);
	faults_clear(&site->faults);
	buf_clear(&site->body);
	free(site);
	return 0;
}

/* Asks for a part of ASKED with a new worker that follows what ALLOWED says. */
static int get(struct site *site, enum http_redirects allowed, const char *asked)
{
	fetch_free(take_ptr(&site->fetch));
	site->options.http.redirects = allowed;
	site->err = (struct error){0};
	assert_ok(fetch_open(&site->options, &site->fetch, &site->err), &site->err);
	return faults_get(fetch_transport(site->fetch), asked, 100, 50, &site->body, &site->reply, &site->err);
}

/* The same, where the first server points to TO. */
static int get_sent_on(struct site *site, enum http_redirects allowed, const char *asked, const char *to)
{
	struct bad_server *first = strncmp(asked, "https:", strlen("https:")) == 0 ? site->tls : site->faults.server;

	bad_server_redirect_to(first, to);
	bad_server_queue(first, BAD_REDIRECT, 0);
	return get(site, allowed, asked);
}

/* ---- Who may be followed ---- */

enum place { PLAIN, PLAIN_BY_NAME, OTHER, OTHER_BY_NAME, TLS, OTHER_TLS, ELSEWHERE };

static const struct row {
	enum http_redirects allowed;
	enum place from, to;
	const char *elsewhere;
	const char *refused; /* what is said; NULL: the bytes come */
} rows[] = {
	{HTTP_REDIRECTS_NONE, PLAIN, PLAIN, NULL, "[network] redirects = none does not allow"},
	{HTTP_REDIRECTS_NONE, PLAIN, OTHER_BY_NAME, NULL, "[network] redirects = none does not allow"},
	{HTTP_REDIRECTS_NONE, TLS, TLS, NULL, "[network] redirects = none does not allow"},
	{HTTP_REDIRECTS_SAME_HOST, PLAIN, PLAIN, NULL, NULL},
	{HTTP_REDIRECTS_SAME_HOST, PLAIN, OTHER, NULL, NULL},
	{HTTP_REDIRECTS_SAME_HOST, TLS, OTHER_TLS, NULL, NULL},
	{HTTP_REDIRECTS_SAME_HOST, PLAIN_BY_NAME, TLS, NULL, NULL},
	{HTTP_REDIRECTS_SAME_HOST, PLAIN, PLAIN_BY_NAME, NULL, "[network] redirects = same-host does not allow"},
	{HTTP_REDIRECTS_SAME_HOST, PLAIN, OTHER_BY_NAME, NULL, "[network] redirects = same-host does not allow"},
	{HTTP_REDIRECTS_ANY, PLAIN, PLAIN, NULL, NULL},
	{HTTP_REDIRECTS_ANY, PLAIN, OTHER_BY_NAME, NULL, NULL},
	{HTTP_REDIRECTS_SAME_HOST, TLS, OTHER_BY_NAME, NULL, "from https to http is never followed"},
	{HTTP_REDIRECTS_ANY, TLS, OTHER_BY_NAME, NULL, "from https to http is never followed"},
	{HTTP_REDIRECTS_ANY, TLS, PLAIN, NULL, "from https to http is never followed"},
	{HTTP_REDIRECTS_ANY, PLAIN, ELSEWHERE, "file:///etc/passwd", "not http or https"},
	{HTTP_REDIRECTS_ANY, PLAIN, ELSEWHERE, "FILE:///etc/passwd", "not http or https"},
	{HTTP_REDIRECTS_ANY, TLS, ELSEWHERE, "file://localhost/etc/passwd", "not http or https"},
	{HTTP_REDIRECTS_ANY, PLAIN, ELSEWHERE, "probe://127.0.0.1:9", "not http or https"},
	{HTTP_REDIRECTS_ANY, PLAIN, ELSEWHERE, "ftp://127.0.0.1/file", "not http or https"},
	{HTTP_REDIRECTS_ANY, PLAIN, ELSEWHERE, "http://169.254.169.254/latest", "of its own link"},
	{HTTP_REDIRECTS_ANY, PLAIN, ELSEWHERE, "http://127.0.0.1:port/", "what is no address"},
};

static void url_of(const struct site *site, enum place place, char ret_url[static URL_SIZE])
{
	bool other = place == OTHER || place == OTHER_BY_NAME;
	const struct bad_server *plain = other ? site->other : site->faults.server;

	if (place == TLS || place == OTHER_TLS)
		(void)snprintf(
			ret_url, URL_SIZE, "%s/file", bad_server_url(place == TLS ? site->tls : site->other_tls));
	else
		(void)snprintf(ret_url, URL_SIZE, "http://%s:%d/file",
			place == PLAIN_BY_NAME || place == OTHER_BY_NAME ? "localhost" : "127.0.0.1",
			bad_server_port(plain));
}

static int requests(const struct site *site)
{
	return bad_server_requests(site->faults.server) + bad_server_requests(site->other) +
	       bad_server_requests(site->tls) + bad_server_requests(site->other_tls);
}

static void check_row(struct site *site, size_t number)
{
	const struct row *row = &rows[number];
	char asked[URL_SIZE], to[URL_SIZE] = "";
	int before = requests(site), result;

	url_of(site, row->from, asked);
	if (row->to == ELSEWHERE)
		(void)snprintf(to, sizeof(to), "%s", row->elsewhere);
	else
		url_of(site, row->to, to);
	result = get_sent_on(site, row->allowed, asked, to);
	if ((result < 0) != (row->refused != NULL) || requests(site) != before + (row->refused ? 1 : 2))
		fail_msg("row %zu, %s -> %s: %d requests: %s", number, asked, to, requests(site) - before,
			site->err.text);
	if (!row->refused) {
		assert_int_equal(site->body.len, 50);
		assert_memory_equal(site->body.data, site->faults.bytes + 100, 50);
		return;
	}
	if (site->err.code != ERROR_STRANGER || !strstr(site->err.text, row->refused))
		fail_msg("row %zu, %s -> %s: got %s: %s", number, asked, to, error_code_name(site->err.code),
			site->err.text);
	assert_int_equal(site->reply.http_status, 302);
	assert_int_equal(site->body.len, 0);
}

TEST_CASE(test_follows_where_it_is_allowed_and_asks_nobody_else)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(*state, i);
}

TEST_CASE(test_names_the_host_it_was_pointed_to_and_no_more_of_the_address)
{
	struct site *site = *state;
	char to[URL_SIZE], host[64];

	(void)snprintf(host, sizeof(host), "'localhost:%d'", bad_server_port(site->other));
	(void)snprintf(to, sizeof(to), "http://login:password@localhost:%d/path?token=secret#part",
		bad_server_port(site->other));
	assert_int_equal(get_sent_on(site, HTTP_REDIRECTS_NONE, site->faults.url, to), -1);
	assert_error(&site->err, ERROR_STRANGER, host);
	assert_non_null(strstr(site->err.text, "name that host in [server] url"));
	for (size_t i = 0; i < 5; i++)
		assert_null(
			strstr(site->err.text, (const char *[]){"login", "password", "path", "token", "secret"}[i]));
}

TEST_CASE(test_ends_a_loop)
{
	struct site *site = *state;

	for (int i = 0; i <= HTTP_REDIRECTS_MOST; i++)
		bad_server_queue(site->faults.server, BAD_REDIRECT_LOOP, 0);
	assert_int_equal(get(site, HTTP_REDIRECTS_SAME_HOST, site->faults.url), -1);
	assert_error(&site->err, ERROR_STRANGER, "again and again");
	assert_int_equal(bad_server_requests(site->faults.server), 1 + HTTP_REDIRECTS_MOST);
	assert_ok(get(site, HTTP_REDIRECTS_SAME_HOST, site->faults.url), &site->err);
}

TEST_CASE(test_an_error_of_the_other_host_names_it)
{
	struct site *site = *state;
	char to[URL_SIZE], host[64];

	(void)snprintf(host, sizeof(host), "sent on to 'localhost:%d'", bad_server_port(site->other));
	(void)snprintf(to, sizeof(to), "http://localhost:%d/missing", bad_server_port(site->other));
	assert_int_equal(get_sent_on(site, HTTP_REDIRECTS_ANY, site->faults.url, to), -1);
	assert_error(&site->err, ERROR_NOT_FOUND, host);
}

static int drop(void *context, const void *data, size_t len, struct error *err)
{
	(void)context, (void)data, (void)len, (void)err;
	return 0;
}

TEST_CASE(test_sends_nothing_on_that_was_meant_for_one_server)
{
	struct site *site = *state;
	struct transport_request request = {
		.url = site->faults.url, .body = "report", .body_len = strlen("report"), .limit = FAULTS_FILE_SIZE};
	char to[URL_SIZE];

	url_of(site, OTHER, to);
	bad_server_redirect_to(site->faults.server, to);
	bad_server_queue(site->faults.server, BAD_REDIRECT, 0);
	site->options.http.redirects = HTTP_REDIRECTS_ANY;
	assert_ok(fetch_open(&site->options, &site->fetch, &site->err), &site->err);
	assert_int_equal(fetch_transport(site->fetch)
				 ->ask(fetch_transport(site->fetch), &request, drop, NULL, &site->reply, &site->err),
		-1);
	assert_error(&site->err, ERROR_SERVER, "is not sent to another");
	assert_int_equal(bad_server_requests(site->other), 0);
}

/* ---- What goes along ---- */

static bool last_request_has(struct bad_server *server, const char *text)
{
	char request[8192];

	bad_server_last_request(server, request, sizeof(request));
	return strstr(request, text) != NULL;
}

TEST_CASE(test_shows_the_client_certificate_to_no_other_host)
{
	struct site *site = *state;
	char asked[URL_SIZE], to[URL_SIZE];

	url_of(site, TLS, asked);
	(void)snprintf(to, sizeof(to), "https://127.0.0.1:%d/file", bad_server_port(site->other_tls));
	assert_int_equal(get_sent_on(site, HTTP_REDIRECTS_ANY, asked, to), -1);
	assert_error(&site->err, ERROR_CERTIFICATE, "shown to the configured server alone");
	assert_int_equal(bad_server_requests(site->other_tls), 0);
	(void)snprintf(to, sizeof(to), "https://localhost:%d/file", bad_server_port(site->other_tls));
	assert_ok(get_sent_on(site, HTTP_REDIRECTS_ANY, asked, to), &site->err);
	assert_int_equal(bad_server_requests(site->other_tls), 1);
}

TEST_CASE(test_takes_the_password_of_the_address_to_its_own_host_alone)
{
	static const char basic[] = "Authorization: Basic dXNlcjpwYXNzd29yZA=="; /* user:password */
	struct site *site = *state;
	char asked[URL_SIZE], to[URL_SIZE];

	(void)snprintf(
		asked, sizeof(asked), "http://user:password@127.0.0.1:%d/file", bad_server_port(site->faults.server));
	url_of(site, OTHER, to);
	assert_ok(get_sent_on(site, HTTP_REDIRECTS_ANY, asked, to), &site->err);
	assert_true(last_request_has(site->other, basic));
	url_of(site, OTHER_BY_NAME, to);
	assert_ok(get_sent_on(site, HTTP_REDIRECTS_ANY, asked, to), &site->err);
	assert_false(last_request_has(site->other, "Authorization"));
}

TEST_CASE(test_takes_no_password_from_who_points_elsewhere)
{
	struct site *site = *state;
	char to[URL_SIZE];

	(void)snprintf(to, sizeof(to), "http://login:password@localhost:%d/file", bad_server_port(site->other));
	assert_ok(get_sent_on(site, HTTP_REDIRECTS_ANY, site->faults.url, to), &site->err);
	assert_false(last_request_has(site->other, "Authorization"));
}

TEST_CASE(test_goes_on_through_the_proxy)
{
	struct site *site = *state;

	site->options.http.proxy = bad_server_url(site->other);
	site->options.http.proxy_credentials = "user:password";
	bad_server_redirect_to(site->other, "http://cdn.invalid/file");
	bad_server_queue(site->other, BAD_REDIRECT, 0);
	assert_int_equal(get(site, HTTP_REDIRECTS_ANY, "http://server.invalid/file"), -1);
	assert_error(&site->err, ERROR_NOT_FOUND, "sent on to 'cdn.invalid'");
	assert_true(last_request_has(site->other, "GET http://cdn.invalid/file "));
	assert_true(last_request_has(site->other, "Proxy-Authorization: Basic"));
	assert_false(last_request_has(site->other, "\r\nAuthorization:"));
}

/* ---- Addresses ---- */

TEST_CASE_WITH(test_knows_the_addresses_that_are_nobody_elses_business, NULL, NULL)
{
	static const struct {
		const char *ip;
		bool may, may_from_this_machine;
	} cases[] = {{"192.0.2.7", true, true}, {"10.0.0.1", true, true}, {"2001:db8::1", true, true},
		{"::ffff:192.0.2.7", true, true}, {"127.0.0.1", false, true}, {"127.9.9.9", false, true},
		{"0.0.0.0", false, true}, {"::1", false, true}, {"::", false, true},
		{"::ffff:127.0.0.1", false, true}, {"169.254.169.254", false, false}, {"fe80::1", false, false},
		{"::ffff:169.254.1.1", false, false}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sockaddr_in ipv4 = {.sin_family = AF_INET};
		struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
		bool is_ipv4 = inet_pton(AF_INET, cases[i].ip, &ipv4.sin_addr) == 1;
		const struct sockaddr *address = is_ipv4 ? (void *)&ipv4 : (void *)&ipv6;

		if (!is_ipv4)
			assert_int_equal(inet_pton(AF_INET6, cases[i].ip, &ipv6.sin6_addr), 1);
		if (http_redirect_may_reach(address, false) != cases[i].may ||
			http_redirect_may_reach(address, true) != cases[i].may_from_this_machine ||
			http_redirect_is_this_machine(cases[i].ip) !=
				(!cases[i].may && cases[i].may_from_this_machine))
			fail_msg("%s", cases[i].ip);
	}
}

TESTS(setup, teardown)
