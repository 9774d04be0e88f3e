/* The whole way from a URL to a staged release, by the real worker and a real server that fails in every way a server
 * can: each failure has its class, nothing is half installed, and the next attempt succeeds. */
#include "updater/stage/stage.h"
#include "updater/stage/stage_verify.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/bad_server.h"
#include "tests/support/folder.h"
#include "tests/support/payload.h"
#include "tests/support/pki.h"
#include "tests/support/test.h"
#include "updater/fetch/fetch.h"

#define PACKAGE "reader-app/acme"
#define FRAME_BYTES 262144
#define FILE_BYTES 1500000

struct site {
	struct folder folder; /* of the terminal */
	struct folder served;
	int versions_fd, cache_fd;
	void *noise;
	struct payload payload;
	struct bad_server *server;
	struct fetch *fetch;
	struct fs fs;
	struct env env;
	struct stage_request request;
	char url[128];
	struct error err;
};

/* STALL_S: after so many seconds of silence a server is given up; 0: after more than a busy machine may stand still. */
static void open_way(struct site *site, const char *ca_pem, int64_t stall_s)
{
	struct fetch_options options = {
		.program = HAISHIN_FETCH,
		.http = {.ca_pem = ca_pem, .connect_timeout_ms = 2000, .stall_timeout_s = stall_s, .stop_fd = -1},
	};

	fetch_free(site->fetch);
	assert_ok(fetch_open(&options, &site->fetch, &site->err), &site->err);
	site->env.transport = fetch_transport(site->fetch);
}

static void serve(struct site *site, const struct bad_server_options *options)
{
	site->server = bad_server_start(options);
	(void)snprintf(site->url, sizeof(site->url), "%s/payload", bad_server_url(site->server));
}

static int setup(void **state)
{
	struct site *site = calloc(1, sizeof(*site));

	folder_init(&site->folder);
	folder_init(&site->served);
	assert_int_equal(mkdirat(site->folder.fd, "versions", 0755), 0);
	assert_int_equal(mkdirat(site->folder.fd, "cache", 0755), 0);
	site->versions_fd = openat(site->folder.fd, "versions", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	site->cache_fd = openat(site->folder.fd, "cache", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	site->noise = payload_noise(1, FILE_BYTES);
	payload_init(&site->payload, PACKAGE, "2.0.0",
		(struct payload_entry[]){{.path = "bin/"},
			{.path = "bin/reader", .data = site->noise, .size = FILE_BYTES, .mode = 0755},
			{.path = "note", .data = "note", .size = 4}},
		3, FRAME_BYTES);
	folder_put(&site->served, "payload", site->payload.bytes.data, site->payload.bytes.len);
	serve(site, &(struct bad_server_options){.folder = site->served.path});
	fs_init(&site->fs);
	site->env = (struct env){.fs = &site->fs};
	open_way(site, NULL, 0);
	site->request = (struct stage_request){.release = site->payload.release,
		.release_json = site->payload.json.data,
		.release_json_len = site->payload.json.len,
		.folder = site->payload.folder,
		.versions_dir_fd = site->versions_fd,
		.cache_dir_fd = site->cache_fd,
		.payload_url = site->url};
	*state = site;
	return 0;
}

static int teardown(void **state)
{
	struct site *site = *state;

	fetch_free(site->fetch);
	bad_server_stop(site->server);
	(void)close(site->versions_fd);
	(void)close(site->cache_fd);
	folder_clear(&site->folder);
	folder_clear(&site->served);
	payload_clear(&site->payload);
	free(site->noise);
	free(site);
	return 0;
}

static int stage(struct site *site)
{
	site->err = (struct error){0};
	return stage_release(&site->env, &site->request, NULL, &site->err);
}

static void assert_staged_in_the_next_attempt(struct site *site, const char *name)
{
	if (stage(site) < 0)
		fail_msg("after %s: %s", name, site->err.text);
	assert_ok(
		stage_verify(&site->env, site->versions_fd, site->payload.folder, site->payload.release, &site->err),
		&site->err);
	assert_ok(fs_remove_tree(&site->fs, site->versions_fd, site->payload.folder, &site->err), &site->err);
}

/* Payloads are asked for in parts: where a whole answer comes instead, its first byte is one too many. */
static const struct row {
	const char *name;
	enum bad_fault fault;
	uint64_t at;
	enum error_code code;
	int64_t retry_after_s;
} rows[] = {
	{"stall", BAD_STALL, 300000, ERROR_NETWORK, 0},
	{"stall before the first byte", BAD_STALL, 0, ERROR_NETWORK, 0},
	{"cut", BAD_CUT, 300000, ERROR_NETWORK, 0},
	{"reset", BAD_RESET, 300000, ERROR_NETWORK, 0},
	{"404", BAD_STATUS, 404, ERROR_NOT_FOUND, 0},
	{"400", BAD_STATUS, 400, ERROR_SERVER, 0},
	{"500", BAD_STATUS, 500, ERROR_NETWORK, 0},
	{"503 with Retry-After", BAD_BUSY, 120, ERROR_NETWORK, 120},
	{"too long", BAD_LONG, 1, ERROR_SERVER, 0},
	{"too short", BAD_SHORT, 300000, ERROR_SERVER, 0},
	{"wrong byte", BAD_BYTES, 300000, ERROR_ALTERED, 0},
	{"wrong first byte", BAD_BYTES, 0, ERROR_ALTERED, 0},
	{"truncated, HTTP/1.0 without a length", BAD_HTTP10_CUT, 300000, ERROR_SERVER, 0},
	{"truncated, chunked", BAD_CHUNKED_CUT, 300000, ERROR_SERVER, 0},
	{"garbage", BAD_GARBAGE, 0, ERROR_NETWORK, 0},
	{"headers without end", BAD_HEADERS, 0, ERROR_NETWORK, 0},
	{"redirect loop", BAD_REDIRECT_LOOP, 0, ERROR_STRANGER, 0},
	{"slow drip", BAD_DRIP, 0, ERROR_SERVER, 0},
	{"endless", BAD_ENDLESS, 0, ERROR_SERVER, 0},
	{"a certificate is wanted", BAD_CERTIFICATE_TEXT, 0, ERROR_CERTIFICATE, 0},
};

TEST_CASE(test_each_fault_has_its_class_and_the_next_attempt_succeeds)
{
	struct site *site = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		open_way(site, NULL, row->fault == BAD_STALL ? 1 : 0);
		bad_server_queue(site->server, row->fault, row->at);
		if (stage(site) == 0)
			fail_msg("%s: it succeeds", row->name);
		if (site->err.code != row->code || site->err.retry_after_s != row->retry_after_s)
			fail_msg("%s: %s (wait %lld): %s", row->name, error_code_name(site->err.code),
				(long long)site->err.retry_after_s, site->err.text);
		assert_false(fs_exists(&site->fs, site->versions_fd, site->payload.folder));
		if (row->fault == BAD_STALL)
			open_way(site, NULL, 0);
		assert_staged_in_the_next_attempt(site, row->name);
	}
}

TEST_CASE(test_a_server_with_a_wrong_certificate_gives_nothing)
{
	struct site *site = *state;
	struct pki pki, other;
	struct pki_pair server;

	pki_init(&pki, "one");
	pki_init(&other, "another");
	pki_issue_server(&pki, &server, pki_yesterday(), pki_next_year());
	bad_server_stop(site->server);
	serve(site, &(struct bad_server_options){
			    .folder = site->served.path, .certificate_pem = server.pem, .key_pem = server.key_pem});
	open_way(site, other.ca_pem, 0);
	assert_int_equal(stage(site), -1);
	assert_error(&site->err, ERROR_CERTIFICATE, "not trusted");
	assert_int_equal(bad_server_requests(site->server), 0);
	open_way(site, pki.ca_pem, 0);
	assert_staged_in_the_next_attempt(site, "a wrong certificate");
	fetch_free(site->fetch);
	site->fetch = NULL;
	pki_pair_clear(&server);
	pki_clear(&pki);
	pki_clear(&other);
}

TEST_CASE(test_twenty_cuts_cost_at_most_a_hundredth)
{
	struct site *site = *state;
	uint64_t length = site->payload.bytes.len;
	unsigned cuts = 0;

	for (int i = 0; i < 20; i++)
		bad_server_queue(site->server, i % 2 ? BAD_CUT : BAD_RESET, length / 21);
	while (stage(site) < 0) {
		assert_int_equal(site->err.code, ERROR_NETWORK);
		cuts++;
	}
	assert_int_equal(cuts, 20);
	assert_true(bad_server_bytes(site->server) <= length + length / 100);
}

TESTS(setup, teardown)
