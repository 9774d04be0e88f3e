/* Who may see the window, and who may not. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/support/test.h"
#include "tools/window/serve/gate.h"

static struct gate gate;
static char token_url[64], page_url[80], cookie[96];

static int set_up(void **state)
{
	struct error err = {0};

	(void)state;
	assert_ok(gate_init(&gate, 40123, &err), &err);
	(void)snprintf(token_url, sizeof(token_url), "/%s", gate.token);
	(void)snprintf(page_url, sizeof(page_url), "/%s/api/do", gate.folder);
	(void)snprintf(cookie, sizeof(cookie), "other=1; " GATE_COOKIE "=%s", gate.cookie);
	return 0;
}

/* What our own page sends. */
static struct gate_request good(const char *method, const char *url)
{
	return (struct gate_request){.method = method,
		.url = url,
		.host = "127.0.0.1:40123",
		.origin = strcmp(method, "POST") == 0 ? "http://127.0.0.1:40123" : NULL,
		.site = "same-origin",
		.type = strcmp(method, "POST") == 0 ? "application/json" : NULL,
		.cookie = cookie};
}

static enum gate_answer ask(const struct gate_request *request)
{
	const char *path = NULL;

	return gate_ask(&gate, request, &path);
}

TEST_CASE(test_the_address_opens_once)
{
	struct gate_request request = good("GET", token_url);

	request.cookie = NULL;
	request.site = "none";
	assert_int_equal(ask(&request), GATE_OPENS);
	assert_int_equal(ask(&request), GATE_IS_SPENT);
}

TEST_CASE(test_the_page_is_for_the_browser_with_the_cookie)
{
	struct gate_request get = good("GET", page_url), post = good("POST", page_url);
	const char *path = NULL;

	assert_int_equal(gate_ask(&gate, &get, &path), GATE_LETS_PASS);
	assert_string_equal(path, "api/do");
	assert_int_equal(ask(&post), GATE_LETS_PASS);
}

/* Each differs from a good request in one thing. */
TEST_CASE(test_refuses_whoever_lacks_one_thing)
{
	char long_cookie[128], near_cookie[96], near_url[80], shorter[96];
	const struct {
		const char *method, *what, *value;
	} rows[] = {
		{"GET", "host", "localhost:40123"},
		{"GET", "host", "127.0.0.1:40124"},
		{"GET", "host", "evil.example:40123"}, /* a name server that says 127.0.0.1 */
		{"GET", "host", "127.0.0.1:40123.evil.example"},
		{"GET", "host", NULL},
		{"GET", "origin", "http://evil.example"},
		{"GET", "origin", "null"},
		{"GET", "site", "cross-site"},
		{"GET", "site", "same-site"}, /* another port of 127.0.0.1 */
		{"GET", "cookie", NULL},
		{"GET", "cookie", ""},
		{"GET", "cookie", near_cookie},
		{"GET", "cookie", long_cookie},
		{"GET", "cookie", shorter},
		{"GET", "url", "/"},
		{"GET", "url", ""},
		{"GET", "url", "api/do"},
		{"GET", "url", near_url},
		{"POST", "origin", NULL},
		{"POST", "origin", "http://127.0.0.1:40124"},
		{"POST", "origin", "http://localhost:40123"},
		{"POST", "type", NULL},
		{"POST", "type", "text/plain"},
		{"POST", "type", "application/x-www-form-urlencoded"},
		{"PUT", NULL, NULL},
		{"DELETE", NULL, NULL},
		{"OPTIONS", NULL, NULL},
		{"HEAD", NULL, NULL},
	};

	(void)snprintf(near_cookie, sizeof(near_cookie), "%s", cookie);
	near_cookie[strlen(near_cookie) - 1] ^= 1;
	(void)snprintf(long_cookie, sizeof(long_cookie), "%s0", cookie);
	(void)snprintf(shorter, sizeof(shorter), "%.*s", (int)strlen(cookie) - 1, cookie);
	(void)snprintf(near_url, sizeof(near_url), "%s", page_url);
	near_url[5] ^= 1;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct gate_request request = good(rows[i].method, page_url);
		const char **members[] = {
			&request.host, &request.origin, &request.site, &request.cookie, &request.url, &request.type};
		static const char *const names[] = {"host", "origin", "site", "cookie", "url", "type"};

		for (size_t k = 0; rows[i].what && k < ARRAY_SIZE(names); k++)
			if (strcmp(names[k], rows[i].what) == 0)
				*members[k] = rows[i].value;
		if (ask(&request) != GATE_REFUSES)
			fail_msg("%s with %s '%s' was let pass", rows[i].method, rows[i].what ? rows[i].what : "",
				rows[i].value ? rows[i].value : "");
	}
}

TEST_CASE(test_the_address_is_refused_but_for_a_look)
{
	struct gate_request post = good("POST", token_url), longer = good("GET", NULL);
	char url[80];

	(void)snprintf(url, sizeof(url), "%s/", token_url);
	longer.url = url;
	assert_int_equal(ask(&post), GATE_REFUSES);
	assert_int_equal(ask(&longer), GATE_REFUSES);
	assert_false(gate.is_spent);
}

TEST_CASE(test_two_windows_have_nothing_in_common)
{
	struct gate other;
	struct error err = {0};

	assert_ok(gate_init(&other, 40123, &err), &err);
	assert_string_not_equal(other.token, gate.token);
	assert_string_not_equal(other.folder, gate.folder);
	assert_string_not_equal(other.cookie, gate.cookie);
}

TEST_CASE(test_finds_whose_the_other_end_is)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, peer;
	socklen_t len = sizeof(address);
	AUTO(fd) int listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	AUTO(fd) int fd = socket(AF_INET, SOCK_STREAM, 0);
	uid_t uid = (uid_t)-1;

	assert_int_equal(bind(listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listen_fd, 1), 0);
	assert_int_equal(getsockname(listen_fd, (struct sockaddr *)&address, &len), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	len = sizeof(peer);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&peer, &len), 0);
	assert_true(gate_find_peer(ntohs(peer.sin_port), ntohs(address.sin_port), &uid));
	assert_int_equal(uid, geteuid());
	assert_false(gate_find_peer(ntohs(peer.sin_port), 1, &uid));
}

TESTS(set_up, NULL)
