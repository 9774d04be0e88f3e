#include "updater/fetch/fetch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/pki.h"
#include "tests/updater/visit.h"
#include "updater/fetch/fetch_protocol.h"

/* The one child of this process. */
static pid_t worker_pid(void)
{
	AUTO(file) FILE *children = NULL;
	char path[64];
	int pid = 0;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	assert_non_null(children = fopen(path, "r"));
	assert_int_equal(fscanf(children, "%d", &pid), 1);
	return pid;
}

/* The value of a line of /proc/PID/status. */
static int worker_status(const char *key)
{
	AUTO(file) FILE *status = NULL;
	char path[64], line[256];

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)worker_pid());
	assert_non_null(status = fopen(path, "r"));
	while (fgets(line, sizeof(line), status))
		if (strncmp(line, key, strlen(key)) == 0)
			return atoi(line + strlen(key));
	fail_msg("no %s", key);
	return -1;
}

TEST_CASE(test_gives_each_fault_its_class_and_succeeds_the_next_time)
{
	struct visit *visit = *state;

	visit_open_worker(visit);
	faults_check_all(&visit->faults, visit->transport);
}

TEST_CASE(test_gives_up_a_server_that_is_silent_or_too_slow_and_succeeds_the_next_time)
{
	struct visit *visit = *state;

	visit->options.http.stall_timeout_s = FAULTS_SHORT_STALL_S;
	visit_open_worker(visit);
	faults_check_silence(&visit->faults, visit->transport);
}

TEST_CASE(test_shows_the_client_certificate)
{
	struct visit *visit = *state;
	struct pki_pair server_pair, client_pair;
	struct bad_server *server;
	struct pki pki;
	char url[128];

	pki_init(&pki, "Authority");
	pki_issue_server(&pki, &server_pair, pki_yesterday(), pki_next_year());
	pki_issue_client(&pki, &client_pair, "1312345678", pki_yesterday(), pki_next_year());
	server = bad_server_start(&(struct bad_server_options){.folder = visit->faults.folder.path,
		.certificate_pem = server_pair.pem,
		.key_pem = server_pair.key_pem,
		.client_ca_pem = pki.ca_pem});
	(void)snprintf(url, sizeof(url), "%s/file", bad_server_url(server));
	visit->options.http.ca_pem = pki.ca_pem;
	visit->options.http.certificate_pem = client_pair.pem;
	visit->options.http.key_pem = client_pair.key_pem;
	visit_open_worker(visit);
	assert_ok(visit_get_url(visit, url), &visit->err);
	assert_int_equal(visit->body.len, FAULTS_FILE_SIZE);
	assert_memory_equal(visit->body.data, visit->faults.bytes, FAULTS_FILE_SIZE);
	visit_close(visit);
	bad_server_stop(server);
	pki_pair_clear(&server_pair);
	pki_pair_clear(&client_pair);
	pki_clear(&pki);
}

TEST_CASE(test_keeps_worker_and_connection_between_transfers)
{
	struct visit *visit = *state;
	pid_t first;

	visit_open_worker(visit);
	assert_gets_file(visit);
	first = worker_pid();
	assert_ok(visit_get_part(visit, visit->faults.url, 7, 9), &visit->err);
	assert_memory_equal(visit->body.data, visit->faults.bytes + 7, 9);
	assert_int_equal(worker_pid(), first);
	assert_int_equal(bad_server_connections(visit->faults.server), 1);
}

TEST_CASE(test_the_worker_has_given_up_its_rights)
{
	struct visit *visit = *state;

	visit->options.user = "nobody";
	visit_open_worker(visit);
	assert_gets_file(visit);
	assert_int_equal(worker_status("NoNewPrivs:"), 1);
	assert_int_not_equal(worker_status("Uid:"), 0);
#ifndef __SANITIZE_ADDRESS__
	assert_int_equal(worker_status("Seccomp:"), 2);
#endif
}

TEST_CASE(test_the_worker_has_no_descriptor_of_ours)
{
	struct visit *visit = *state;
	AUTO(fd) int secret_fd = open("/dev/zero", O_RDONLY); /* not closed by exec */
	char path[64], target[64];

	assert_true(secret_fd >= 0);
	visit_open_worker(visit);
	assert_gets_file(visit);
	for (int fd = 0; fd < 64; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)worker_pid(), fd);
		ssize_t len = readlink(path, target, sizeof(target) - 1);

		target[len > 0 ? len : 0] = '\0';
		assert_string_not_equal(target, "/dev/zero");
	}
}

static int kill_worker(void *context, const void *data, size_t len, struct error *err)
{
	(void)context, (void)data, (void)len, (void)err;
	(void)kill(worker_pid(), SIGKILL);
	return 0;
}

TEST_CASE(test_a_worker_killed_in_a_transfer_costs_one_attempt)
{
	struct visit *visit = *state;
	struct transport_request request = {.url = visit->faults.url, .limit = FAULTS_FILE_SIZE};

	visit_open_worker(visit);
	bad_server_queue(visit->faults.server, BAD_STALL, 1000);
	assert_int_equal(visit_get_into(visit, &request, kill_worker, NULL), -1);
	assert_error(&visit->err, ERROR_NETWORK, "haishin-fetch: the other end has gone");
	assert_gets_file(visit);
}

TEST_CASE(test_a_worker_gone_between_transfers_costs_nothing)
{
	struct visit *visit = *state;

	visit_open_worker(visit);
	assert_gets_file(visit);
	(void)kill(worker_pid(), SIGKILL);
	assert_gets_file(visit);
}

TEST_CASE(test_stops_when_told_to)
{
	visit_check_stop(*state, visit_open_worker);
}

TEST_CASE(test_ends_with_the_error_of_the_sink_and_goes_on_after_it)
{
	visit_check_sink_that_fails(*state, visit_open_worker);
}

TEST_CASE(test_says_why_the_worker_cannot_start)
{
	struct visit *visit = *state;

	visit->options.program = "/nowhere/haishin-fetch";
	visit_open_worker(visit);
	assert_int_equal(visit_get(visit), -1);
	assert_error(&visit->err, ERROR_NOT_FOUND, "cannot start '/nowhere/haishin-fetch'");
}

/* ---- A worker that lies ---- */

static const struct lie {
	const char *how;
	enum error_code code;
	const char *text;
} lies[] = {
	{"dead", ERROR_NETWORK, "haishin-fetch: the other end"},
	{"refuses", ERROR_NOT_FOUND, "haishin-fetch: there is no such user"},
	{"unready", ERROR_NETWORK, "does not begin as it should"},
	{"crash", ERROR_NETWORK, "the other end has gone"},
	{"crash-in-the-middle", ERROR_NETWORK, "the other end has gone"},
	{"hang", ERROR_NETWORK, "silent, or at one frame, for 1 s"},
	{"hang-in-the-middle", ERROR_NETWORK, "silent, or at one frame, for 1 s"},
	{"drips", ERROR_NETWORK, "less than 400 bytes a second"},
	{"drips-a-frame", ERROR_NETWORK, "silent, or at one frame, for 1 s"},
	{"too-much", ERROR_NETWORK, "more than was asked for"},
	{"too-much-in-two", ERROR_NETWORK, "more than was asked for"},
	{"nothing-at-all", ERROR_NETWORK, "or nothing"},
	{"too-little", ERROR_NETWORK, "speaks of 100 bytes and handed over 99"},
	{"out-of-order", ERROR_NETWORK, "out of order"},
	{"code", ERROR_NETWORK, "not well formed"},
	{"stop", ERROR_NETWORK, "not well formed"},
	{"controls", ERROR_SERVER, "a?[2Jb?c"},
	{"garbage", ERROR_NETWORK, "no frame"},
	{"giant", ERROR_NETWORK, "no frame"},
	{"half-a-frame", ERROR_NETWORK, "has gone"},
	{"cut-end", ERROR_NETWORK, "not well formed"},
};

static void open_bad_worker(struct visit *visit, const char *how)
{
	visit->options.program = BAD_WORKER;
	(void)setenv("BAD_WORKER", how, 1);
	visit_open_worker(visit);
}

TEST_CASE(test_a_worker_that_lies_costs_one_attempt)
{
	struct visit *visit = *state;

	visit->options.answer_timeout_s = 1;
	visit->options.http.stall_timeout_s = 1;
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		open_bad_worker(visit, lies[i].how);
		if (visit_get_part(visit, visit->faults.url, 0, 100) == 0 || visit->err.code != lies[i].code ||
			!strstr(visit->err.text, lies[i].text))
			fail_msg("%s: %s: %s", lies[i].how, error_code_name(visit->err.code), visit->err.text);
		assert_true(visit->body.len <= 100);
	}
}

TEST_CASE(test_an_answer_before_the_question_is_no_answer)
{
	struct visit *visit = *state;

	open_bad_worker(visit, "chatters");
	assert_int_equal(visit_get_part(visit, visit->faults.url, 0, 100), -1);
	assert_error(&visit->err, ERROR_NETWORK, "speaks of 0 bytes");
}

struct lifting {
	struct fetch *fetch;
	uint64_t bytes;
};

static int lift_limit(void *context, const void *data, size_t len, struct error *err)
{
	struct lifting *lifting = context;

	(void)data, (void)err;
	lifting->bytes += len;
	fetch_set_rate(lifting->fetch, 0);
	return 0;
}

TEST_CASE(test_a_limit_that_is_lifted_in_a_transfer_is_gone_at_once)
{
	struct visit *visit = *state;
	struct transport_request request = {.url = visit->faults.url, .limit = FAULTS_FILE_SIZE};
	struct lifting lifting = {0};

	/* With it, the transfer would run out of time. */
	visit->options.http.most_bytes_per_s = FAULTS_FILE_SIZE / 60;
	visit->options.http.total_timeout_s = 30;
	visit_open_worker(visit);
	lifting.fetch = visit->fetch;
	for (int again = 0; again < 2; again++) { /* the worker is as fit for transfers as before */
		assert_ok(visit_get_into(visit, &request, lift_limit, &lifting), &visit->err);
		fetch_set_rate(visit->fetch, visit->options.http.most_bytes_per_s);
	}
	assert_int_equal(lifting.bytes, 2 * FAULTS_FILE_SIZE);
	assert_int_equal(bad_server_connections(visit->faults.server), 1);
}

/* ---- The wire ---- */

TEST_CASE_WITH(test_credentials_and_limits_survive_the_wire, NULL, NULL)
{
	struct http_options before = {.ca_pem = "ca",
		.certificate_pem = "",
		.key_pem = "key",
		.connect_timeout_ms = 1,
		.stall_timeout_s = 2,
		.total_timeout_s = 3,
		.redirects = HTTP_REDIRECTS_SAME_HOST,
		.stop_fd = -1};
	AUTO(buf) struct buf wire = BUF_INIT(FETCH_REQUEST_MOST);
	struct http_options after;
	struct error err = {0};

	assert_ok(fetch_write_setup(&before, &wire, &err), &err);
	assert_ok(fetch_read_setup(&wire, &after, &err), &err);
	assert_string_equal(after.ca_pem, "ca");
	assert_string_equal(after.certificate_pem, "");
	assert_string_equal(after.key_pem, "key");
	assert_null(after.proxy);
	assert_int_equal(after.connect_timeout_ms, 1);
	assert_int_equal(after.stall_timeout_s, 2);
	assert_int_equal(after.total_timeout_s, 3);
	assert_int_equal(after.redirects, HTTP_REDIRECTS_SAME_HOST);
}

TEST_CASE_WITH(test_refuses_a_request_cut_anywhere_or_with_more_behind_it, NULL, NULL)
{
	struct transport_request before = {
		.url = "http://h/", .offset = 1, .length = 2, .limit = 3, .body = "b\0d", .body_len = 3};
	AUTO(buf) struct buf wire = BUF_INIT(FETCH_REQUEST_MOST);
	struct transport_request after;
	struct error err = {0};
	int64_t rate;

	assert_ok(fetch_write_get(&before, 5, &wire, &err), &err);
	assert_ok(fetch_read_get(&wire, &after, &rate, &err), &err);
	assert_string_equal(after.url, "http://h/");
	assert_int_equal(after.body_len, 3);
	assert_memory_equal(after.body, "b\0d", 3);
	assert_int_equal(rate, 5);
	for (size_t len = 0; len < wire.len; len++) {
		AUTO(buf) struct buf cut = BUF_INIT(FETCH_REQUEST_MOST);

		assert_ok(buf_append(&cut, wire.data, len, &err), &err);
		assert_int_equal(fetch_read_get(&cut, &after, &rate, &err), -1);
		assert_error(&err, ERROR_REFUSED, "not well formed");
	}
	assert_ok(buf_append(&wire, "x", 1, &err), &err);
	assert_int_equal(fetch_read_get(&wire, &after, &rate, &err), -1);
}

static int setup(void **state)
{
	struct visit *visit;

	if (visit_setup(state) < 0)
		return -1;
	visit = *state;
	visit->options.program = HAISHIN_FETCH;
	return 0;
}

TESTS(setup, visit_teardown)
