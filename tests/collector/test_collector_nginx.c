/* haishin-collector behind the real nginx, as docs/collector.md has it: nginx checks the certificates and hands
 * them on. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/collector/collector_fixture.h"
#include "tests/support/nginx.h"
#include "tests/support/test.h"

struct site {
	struct collector collector;
	struct folder nginx_folder;
	struct program nginx;
	char base[64];
};

static void start_collector(struct site *site)
{
	const char *at = site->collector.folder.path;
	char conf[600], text[2048], line[512];
	const char *argv[] = {HAISHIN_COLLECTOR, "--config", conf, NULL};
	int len = snprintf(text, sizeof(text),
		"[collector]\nlisten = unix:%s/http.sock\nbehind_proxy = yes\n[store]\nurl = "
		"%s\n[fleet]\nsummary_age = 0s\n"
		"[role boss]\nis = operator\nsubject = CN=Operator\n",
		at, site->collector.store);

	folder_put(&site->collector.folder, "collector.conf", text, (size_t)len);
	(void)snprintf(conf, sizeof(conf), "%s/collector.conf", at);
	program_start(&site->collector.program, argv, -1);
	program_read_line(&site->collector.program, line, sizeof(line));
	if (strncmp(line, "listening at unix:", 18) != 0)
		fail_msg("it says '%s'", line);
}

static void start_nginx(struct site *site)
{
	const char *at = site->collector.folder.path;
	char text[4096];
	int port, fd = nginx_listen(&port);

	(void)snprintf(text, sizeof(text),
		"events {}\nhttp {\n\tserver {\n\t\tlisten 127.0.0.1:%d ssl;\n\t\tssl_certificate %s/server.pem;\n"
		"\t\tssl_certificate_key %s/server.key;\n\t\tssl_client_certificate "
		"%s/ca.pem;\n\t\tssl_verify_client on;\n"
		"\t\tlocation / {\n\t\t\tproxy_pass http://unix:%s/http.sock;\n"
		"\t\t\tproxy_set_header X-Client-Verify $ssl_client_verify;\n"
		"\t\t\tproxy_set_header X-Client-Certificate $ssl_client_escaped_cert;\n\t\t}\n\t}\n}\n",
		port, at, at, at, at);
	folder_init(&site->nginx_folder);
	nginx_start(&site->nginx, &site->nginx_folder, text, fd);
	(void)snprintf(site->base, sizeof(site->base), "https://127.0.0.1:%d", port);
}

static int setup(void **state)
{
	struct site *site = calloc(1, sizeof(*site));

	collector_init(&site->collector);
	start_collector(site);
	start_nginx(site);
	*state = site;
	return 0;
}

static int teardown(void **state)
{
	struct site *site = *state;

	nginx_stop(&site->nginx);
	collector_stop(&site->collector);
	folder_clear(&site->nginx_folder);
	collector_clear(&site->collector);
	free(site);
	return 0;
}

static void test_reports_and_roles_pass_through_nginx(void **state)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct site *site = *state;
	struct ask *terminal = ask_new(site->base, site->collector.pki.ca_pem, &site->collector.terminal);
	struct ask *boss = ask_new(site->base, site->collector.pki.ca_pem, &site->collector.operator);
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
	struct ask *terminal = ask_new(site->base, site->collector.pki.ca_pem, &site->collector.terminal);
	struct ask *nobody = ask_new(site->base, site->collector.pki.ca_pem, NULL);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reports_and_roles_pass_through_nginx, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nobody_becomes_an_operator_by_a_header, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
