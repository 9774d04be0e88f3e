#include <stdio.h>

#include "tests/support/test.h"
#include "tests/updater/faults.h"
#include "updater/fetch/http.h"
#include "updater/fetch/http_probe.h"

static int probe(const char *url, struct buf *ret_body, struct error *err)
{
	struct http_options options = faults_options();
	AUTO(http) struct transport *http = NULL;
	struct transport_reply reply;

	assert_ok(http_open(&options, &http, err), err);
	return transport_get_bytes(http, url, 0, ret_body, &reply, err);
}

static void assert_answers(const char *url, const char *part)
{
	AUTO(buf) struct buf body = BUF_INIT(4096);
	struct error err = {0};

	assert_ok(probe(url, &body, &err), &err);
	if (!strstr(buf_text(&body), part))
		fail_msg("%s: no '%s' in: %s", url, part, buf_text(&body));
}

TEST_CASE(test_tells_of_each_address_if_it_answers)
{
	struct bad_server_options options = {.folder = "/"};
	struct bad_server *server = bad_server_start(&options);
	char url[64];

	(void)snprintf(url, sizeof(url), "probe://127.0.0.1:%d", bad_server_port(server));
	assert_answers(url, "127.0.0.1 ok\n");
	(void)snprintf(url, sizeof(url), "probe://localhost:%d", bad_server_port(server));
	assert_answers(url, "127.0.0.1 ok\n");
	/* No name server is asked about this machine itself. */
	(void)snprintf(url, sizeof(url), "probe://terminal.LOCALHOST.:%d", bad_server_port(server));
	assert_answers(url, "127.0.0.1 ok\n");
	bad_server_stop(server);
	assert_answers(url, "127.0.0.1 failed Connection refused\n");
	assert_answers("probe://[::1]:1", "::1 failed ");
}

TEST_CASE(test_refuses_what_names_no_host_and_port)
{
	static const char *const urls[] = {"probe://", "probe://host", "probe://:80",
		"probe://host:", "probe://[]:80", "probe://host:123456789"};

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		AUTO(buf) struct buf body = BUF_INIT(4096);
		struct error err = {0};

		assert_int_equal(probe(urls[i], &body, &err), -1);
		assert_error(&err, ERROR_INPUT, "must have the form probe://HOST:PORT");
	}
}

/* There may be no name server where this runs: the one is as good as the other. */
TEST_CASE(test_names_a_name_that_leads_nowhere)
{
	AUTO(buf) struct buf body = BUF_INIT(4096);
	struct error err = {0};

	assert_int_equal(probe("probe://no-such-name.invalid:443", &body, &err), -1);
	assert_true(err.code == ERROR_NOT_FOUND || err.code == ERROR_NETWORK);
	assert_non_null(strstr(err.text, "'no-such-name.invalid': "));
}

TESTS(NULL, NULL)
