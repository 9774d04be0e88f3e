/* haishin-collector behind the real nginx, as docs/collector.md has it: nginx checks the certificates and hands
 * them on. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/collector/proxy.h"
#include "tests/support/test.h"

struct site {
	struct collector collector;
	struct proxy proxy;
};

static int start(void **state, bool issues)
{
	struct site *site = calloc(1, sizeof(*site));

	collector_init(&site->collector);
	site->collector.socket = "http.sock";
	if (issues)
		collector_issue(&site->collector);
	collector_start(&site->collector);
	proxy_start(&site->proxy, (struct collector *const[]){&site->collector}, 1);
	*state = site;
	return 0;
}

static int setup(void **state)
{
	return start(state, false);
}

static int setup_issuing(void **state)
{
	return start(state, true);
}

static int teardown(void **state)
{
	struct site *site = *state;

	proxy_stop(&site->proxy);
	collector_stop(&site->collector);
	collector_clear(&site->collector);
	free(site);
	return 0;
}

static void test_reports_and_roles_pass_through_nginx(void **state)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct site *site = *state;
	struct ask *terminal = collector_client(&site->collector, &site->collector.terminal);
	struct ask *boss = collector_client(&site->collector, &site->collector.operator);
	struct ask_answer answer = {0};
	struct report_maker maker;

	report_maker_init(&maker, collector_now_s());
	report_maker_make(&maker, &body);
	assert_int_equal(ask_for(terminal, "/reports", body.data, body.len, &answer), 200);
	assert_int_equal(ask_for(terminal, "/api/v1/terminals", NULL, 0, &answer), 403);
	assert_int_equal(ask_for(boss, "/api/v1/terminals", NULL, 0, &answer), 200);
	assert_non_null(strstr(buf_text(&answer.body), "\"name\":\"1312345678\""));
	ask_answer_clear(&answer);
	ask_free(terminal);
	ask_free(boss);
	report_maker_clear(&maker);
}

/* What the client itself says under the names of the proxy's headers is replaced. */
static void test_nobody_becomes_an_operator_by_a_header(void **state)
{
	struct site *site = *state;
	struct ask *terminal = collector_client(&site->collector, &site->collector.terminal);
	struct ask *nobody = collector_client(&site->collector, NULL);
	struct ask_answer answer = {0};
	char header[4096];
	size_t len = (size_t)snprintf(header, sizeof(header), "X-Client-Certificate: ");

	for (const char *at = site->collector.operator.pem; *at && len + 4 < sizeof(header); at++)
		len += (size_t)snprintf(header + len, sizeof(header) - len, "%%%02X", (unsigned char)*at);
	ask_add_header(terminal, header);
	ask_add_header(terminal, "X-Client-Verify: SUCCESS");
	ask_add_header(nobody, header);
	ask_add_header(nobody, "X-Client-Verify: SUCCESS");
	assert_int_equal(ask_for(terminal, "/api/v1/fleet", NULL, 0, &answer), 403);
	assert_int_equal(ask_for(nobody, "/api/v1/fleet", NULL, 0, &answer), 400);
	ask_answer_clear(&answer);
	ask_free(terminal);
	ask_free(nobody);
}

/* The list that the collector signs is one that nginx takes, and nobody who is on it gets past nginx. */
static void test_nginx_refuses_whom_the_collector_has_revoked(void **state)
{
	const char *const revoke[] = {"revoke", "1312345678", "--why", "stolen", NULL};
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct site *site = *state;
	struct collector *collector = &site->collector;
	struct ask *terminal = collector_client(collector, &collector->terminal), *boss;
	char output[2048];

	report_maker_init(&maker, collector_now_s());
	report_maker_make_whole(&maker, &collector->terminal, &collector->terminal, &body);
	assert_int_equal(ask_for(terminal, "/reports", body.data, body.len, &answer), 200);
	ask_free(terminal);
	assert_int_equal(collector_command(collector, revoke, output, sizeof(output)), 0);
	proxy_stop(&site->proxy);
	proxy_start(&site->proxy, (struct collector *const[]){collector}, 1);
	terminal = collector_client(collector, &collector->terminal);
	boss = collector_client(collector, &collector->operator);
	assert_int_equal(ask_for(terminal, "/reports", body.data, body.len, &answer), 400);
	assert_non_null(strstr(buf_text(&answer.body), "nginx"));
	assert_int_equal(ask_for(boss, "/api/v1/fleet", NULL, 0, &answer), 200);
	ask_answer_clear(&answer);
	ask_free(terminal);
	ask_free(boss);
	report_maker_clear(&maker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reports_and_roles_pass_through_nginx, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_becomes_an_operator_by_a_header, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nginx_refuses_whom_the_collector_has_revoked, setup_issuing, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
