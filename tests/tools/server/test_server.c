/* What haishin-server gives to whom, and what it refuses to begin with. */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/tools/server/server_site.h"

TEST_CASE(test_serves_files_whole_and_in_parts)
{
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(http) struct transport *client = server_site_client(site, &site->client);
	struct transport_reply reply;
	struct error err = {0};

	server_site_start_with_tls(site);
	assert_ok(server_site_ask(site, client, "/targets/file", 0, 0, NULL, &body, &reply, &err), &err);
	assert_int_equal(body.len, FILE_SIZE);
	assert_memory_equal(body.data, site->bytes, FILE_SIZE);
	assert_ok(server_site_ask(site, client, "/targets/file", 77777, 11111, NULL, &body, &reply, &err), &err);
	assert_int_equal(reply.http_status, 206);
	assert_memory_equal(body.data, site->bytes + 77777, 11111);
	assert_int_equal(server_site_ask(site, client, "/targets/file", FILE_SIZE, 1, NULL, &body, &reply, &err), -1);
	assert_int_equal(reply.http_status, 416);
	assert_ok(server_site_ask(site, client, "/empty", 0, 0, NULL, &body, &reply, &err), &err);
	assert_int_equal(reply.bytes, 0);
	server_site_stop(site);
}

TEST_CASE(test_serves_nothing_outside_its_root)
{
	static const char *const paths[] = {"/../secret", "/%2e%2e/secret", "/targets/../../secret", "/..%2fsecret",
		"/out", "/.secret", "//secret", "/targets", "/targets/", "/", "/targets/file%00", "/etc/passwd"};
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(http) struct transport *client = server_site_client(site, &site->client);
	struct transport_reply reply;

	server_site_start_with_tls(site);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct error err = {0};

		assert_int_equal(server_site_ask(site, client, paths[i], 0, 0, NULL, &body, &reply, &err), -1);
		assert_error(&err, ERROR_NOT_FOUND, "(404)");
		assert_int_equal(body.len, 0);
	}
	server_site_stop(site);
}

TEST_CASE(test_wants_a_client_certificate_that_is_valid)
{
	struct site *site = *state;
	const struct {
		const struct pki_pair *shown;
		const char *text;
	} rows[] = {{NULL, "none is installed"}, {&site->expired, "does not accept"},
		{&site->stranger, "does not accept"}};
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct transport_reply reply;

	server_site_start_with_tls(site);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(http) struct transport *client = server_site_client(site, rows[i].shown);
		struct error err = {0};

		assert_int_equal(server_site_ask(site, client, "/targets/file", 0, 0, NULL, &body, &reply, &err), -1);
		assert_error(&err, ERROR_CERTIFICATE, rows[i].text);
		assert_int_equal(server_site_ask(site, client, "/reports", 0, 0, "{}", &body, &reply, &err), -1);
		assert_error(&err, ERROR_CERTIFICATE, rows[i].text);
	}
	server_site_stop(site);
}

TEST_CASE(test_keeps_reports_and_gives_receipts)
{
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(http) struct transport *client = server_site_client(site, &site->client);
	struct transport_reply reply;
	struct error err = {0};
	char *kept, *large;

	server_site_start_with_tls(site);
	assert_ok(server_site_ask(site, client, "/reports", 0, 0, "{\"a\":1}", &body, &reply, &err), &err);
	assert_non_null(strstr(body.data, "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"));
	kept = folder_get(
		&site->folder, "reports/015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862.json", NULL);
	assert_string_equal(kept, "{\"a\":1}");
	free(kept);
	assert_int_equal(server_site_ask(site, client, "/reports", 0, 0, "no JSON", &body, &reply, &err), -1);
	assert_int_equal(reply.http_status, 400);
	large = malloc(70001);
	memset(large, ' ', 70000);
	large[70000] = '\0';
	assert_int_equal(server_site_ask(site, client, "/reports", 0, 0, large, &body, &reply, &err), -1);
	assert_int_equal(reply.http_status, 413);
	free(large);
	assert_int_equal(server_site_ask(site, client, "/targets/file", 0, 0, "{}", &body, &reply, &err), -1);
	assert_int_equal(reply.http_status, 405);
	server_site_stop(site);
}

TEST_CASE(test_logs_each_request_with_its_client)
{
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(http) struct transport *client = server_site_client(site, &site->client);
	struct transport_reply reply;
	struct error err = {0};
	char *log;

	server_site_start_with_tls(site);
	assert_ok(server_site_ask(site, client, "/targets/file", 5, 10, NULL, &body, &reply, &err), &err);
	assert_int_equal(server_site_ask(site, client, "/a%0ab", 0, 0, NULL, &body, &reply, &err), -1);
	server_site_stop(site);
	log = folder_get(&site->folder, "log", NULL);
	assert_non_null(strstr(log, "Z GET /targets/file 206 10 "));
	assert_non_null(strstr(log, "Z GET /a%0ab 404 "));
	assert_non_null(strstr(log, "ms ok CN=1312345678\n"));
	free(log);
}

TEST_CASE(test_tells_its_port)
{
	struct site *site = *state;
	char *text;

	server_site_start_with_tls(site);
	text = folder_get(&site->folder, "port", NULL);
	assert_int_equal(atoi(text), site->port);
	free(text);
	server_site_stop(site);
}

TEST_CASE(test_says_why_it_cannot_start)
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

	server_site_start_with_tls(site);
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
	server_site_stop(site);
}

/* A key that others may read is none, and who may come in is not for others to say. */
TEST_CASE(test_secrets_that_others_may_read_and_authorities_that_they_may_write_are_refused)
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

TEST_CASE(test_listens_on_ipv6)
{
	struct site *site = *state;
	const char *argv[] = {HAISHIN_SERVER, "--listen", "[::1]:0", "--root", site->path[ROOT], "--tls-cert",
		site->path[CERTIFICATE], "--tls-key", site->path[KEY], NULL};
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	AUTO(http) struct transport *client = server_site_client(site, NULL);
	struct transport_request request = {.limit = FILE_SIZE};
	struct transport_reply reply;
	struct error err = {0};
	char line[256], url[256];

	program_start(&site->program, argv, -1);
	program_read_line(&site->program, line, sizeof(line));
	assert_int_equal(sscanf(line, "listening at https://[::1]:%d", &site->port), 1);
	(void)snprintf(url, sizeof(url), "https://[::1]:%d/targets/file", site->port);
	request.url = url;
	assert_ok(client->ask(client, &request, server_site_take, &body, &reply, &err), &err);
	assert_int_equal(body.len, FILE_SIZE);
	server_site_stop(site);
}

/* A client that goes away is no end of the test. */
static int ignore_pipes(void **state)
{
	(void)state;
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
}

TESTS_WITHIN(ignore_pipes, NULL, server_site_set_up, server_site_tear_down)
