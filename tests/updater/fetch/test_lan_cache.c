/* docs/lan-cache.conf in the real nginx, between haishin-server and the worker of several terminals. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/fs.h"
#include "tests/support/nginx.h"
#include "tests/support/pki.h"
#include "tests/support/test.h"
#include "tests/updater/faults.h"
#include "updater/fetch/fetch.h"

#define FILE_SIZE 10000000 /* three pieces of 4 MiB */

struct site {
	struct folder folder;
	struct pki pki;
	struct pki_pair server, client;
	struct program upstream, cache;
	int upstream_port;
	char url[64];
	char *bytes;
};

static void put_text(struct site *site, const char *name, const char *text)
{
	folder_put(&site->folder, name, text, strlen(text));
}

/* TEXT with each OLD replaced, on the heap. */
static char *replace(char *take_text, const char *old, const char *new)
{
	char *result = calloc(1, 65536), *to = result, *from = take_text;

	for (char *at; (at = strstr(from, old)); from = at + strlen(old))
		to += sprintf(to, "%.*s%s", (int)(at - from), from, new);
	(void)strcpy(to, from);
	free(take_text);
	return result;
}

static char *read_documented_configuration(void)
{
	struct buf text = BUF_INIT(65536);
	struct error err = {0};
	struct fs fs;

	fs_init(&fs);
	assert_ok(fs_read_file(&fs, AT_FDCWD, LAN_CACHE_CONF, &text, &err), &err);
	return text.data;
}

static void start_upstream(struct site *site)
{
	const char *at = site->folder.path;
	char root[300], certificate[300], key[300], authority[300], log[300], line[256];
	const char *argv[] = {HAISHIN_SERVER, "--listen", "127.0.0.1:0", "--root", root, "--tls-cert", certificate,
		"--tls-key", key, "--client-ca", authority, "--access-log", log, NULL};

	(void)snprintf(root, sizeof(root), "%s/site", at);
	(void)snprintf(certificate, sizeof(certificate), "%s/server.pem", at);
	(void)snprintf(key, sizeof(key), "%s/server.key", at);
	(void)snprintf(authority, sizeof(authority), "%s/institutions.pem", at);
	(void)snprintf(log, sizeof(log), "%s/log", at);
	program_start(&site->upstream, argv, -1);
	program_read_line(&site->upstream, line, sizeof(line));
	assert_int_equal(sscanf(line, "listening at https://127.0.0.1:%d", &site->upstream_port), 1);
}

static void start_cache(struct site *site)
{
	int port, listen_fd = nginx_listen(&port);
	char *text = read_documented_configuration();
	char here[64], there[64], cache[300];

	(void)snprintf(here, sizeof(here), "127.0.0.1:%d", port);
	(void)snprintf(there, sizeof(there), "127.0.0.1:%d", site->upstream_port);
	(void)snprintf(cache, sizeof(cache), "%s/cache", site->folder.path);
	text = replace(text, "0.0.0.0:8443", here);
	text = replace(text, "server.example:8443", there);
	text = replace(text, "server.example", "localhost");
	text = replace(text, "/var/cache/haishin-lan", cache);
	text = replace(text, "/etc/haishin-lan", site->folder.path);
	nginx_start(&site->cache, &site->folder, text, listen_fd);
	(void)snprintf(site->url, sizeof(site->url), "https://localhost:%d", port);
	free(text);
}

static int setup(void **state)
{
	struct site *site = calloc(1, sizeof(*site));

	folder_init(&site->folder);
	pki_init(&site->pki, "Authority");
	pki_issue_server(&site->pki, &site->server, pki_yesterday(), pki_next_year());
	pki_issue_client(&site->pki, &site->client, "1312345678", pki_yesterday(), pki_next_year());
	site->bytes = malloc(FILE_SIZE);
	for (size_t i = 0; i < FILE_SIZE; i++)
		site->bytes[i] = (char)(i * 2654435761u >> 13);
	folder_put(&site->folder, "site/targets/file", site->bytes, FILE_SIZE);
	put_text(site, "site/metadata/timestamp.json", "{}");
	put_text(site, "server.pem", site->server.pem);
	folder_put_secret(&site->folder, "server.key", site->server.key_pem);
	put_text(site, "client.pem", site->client.pem);
	folder_put_secret(&site->folder, "client.key", site->client.key_pem);
	put_text(site, "institutions.pem", site->pki.ca_pem);
	put_text(site, "authorities.pem", site->pki.ca_pem);
	start_upstream(site);
	start_cache(site);
	*state = site;
	return 0;
}

static int teardown(void **state)
{
	struct site *site = *state;

	nginx_stop(&site->cache);
	if (site->upstream.pid)
		assert_int_equal(program_stop(&site->upstream, SIGTERM, NULL, 0), 0);
	folder_clear(&site->folder);
	pki_pair_clear(&site->server);
	pki_pair_clear(&site->client);
	pki_clear(&site->pki);
	free(site->bytes);
	free(site);
	return 0;
}

/* One terminal: its worker takes a part of PATH. */
static int take(struct site *site, const char *path, uint64_t offset, uint64_t length, struct buf *ret_body,
	struct error *err)
{
	struct fetch_options options = {.program = HAISHIN_FETCH, .user = "nobody", .http = faults_options()};
	AUTO(fetch) struct fetch *fetch = NULL;
	struct transport_reply reply;
	char url[256];

	options.http.ca_pem = site->pki.ca_pem;
	options.http.certificate_pem = site->client.pem;
	options.http.key_pem = site->client.key_pem;
	options.http.stall_timeout_s = 10;
	(void)snprintf(url, sizeof(url), "%s%s", site->url, path);
	if (fetch_open(&options, &fetch, err) < 0)
		return -1;
	return faults_get(fetch_transport(fetch), url, offset, length, ret_body, &reply, err);
}

static int count_upstream(struct site *site, const char *part)
{
	char *log = folder_get(&site->folder, "log", NULL);
	int count = 0;

	for (const char *at = log; at && (at = strstr(at, part)); at++)
		count++;
	free(log);
	return count;
}

TEST_CASE(test_each_piece_crosses_the_line_once)
{
	AUTO(buf) struct buf body = BUF_INIT(FAULTS_FILE_SIZE);
	struct site *site = *state;
	struct error err = {0};

	for (int terminal = 0; terminal < 3; terminal++)
		for (uint64_t offset = 0; offset < FILE_SIZE; offset += 3300000) {
			assert_ok(take(site, "/targets/file", offset, 100000, &body, &err), &err);
			assert_memory_equal(body.data, site->bytes + offset, 100000);
		}
	assert_int_equal(program_stop(&site->upstream, SIGTERM, NULL, 0), 0);
	site->upstream.pid = 0;
	assert_int_equal(count_upstream(site, "GET /targets/file 206 "), 3);
}

TEST_CASE(test_asks_again_for_what_was_not_there)
{
	AUTO(buf) struct buf body = BUF_INIT(FAULTS_FILE_SIZE);
	struct site *site = *state;
	struct error err = {0};

	assert_int_equal(take(site, "/metadata/2.root.json", 0, 0, &body, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, "404");
	put_text(site, "site/metadata/2.root.json", "{\"new\":1}");
	assert_ok(take(site, "/metadata/2.root.json", 0, 0, &body, &err), &err);
	assert_string_equal(buf_text(&body), "{\"new\":1}");
}

TEST_CASE(test_gives_what_it_has_while_the_server_is_out_of_reach)
{
	AUTO(buf) struct buf body = BUF_INIT(FAULTS_FILE_SIZE);
	struct site *site = *state;
	struct error err = {0};

	assert_ok(take(site, "/metadata/timestamp.json", 0, 0, &body, &err), &err);
	assert_ok(take(site, "/targets/file", 5, 6, &body, &err), &err);
	assert_int_equal(program_stop(&site->upstream, SIGTERM, NULL, 0), 0);
	site->upstream.pid = 0;
	assert_ok(take(site, "/metadata/timestamp.json", 0, 0, &body, &err), &err);
	assert_ok(take(site, "/targets/file", 100, 10, &body, &err), &err);
	assert_memory_equal(body.data, site->bytes + 100, 10);
	assert_int_equal(take(site, "/targets/file", 9000000, 10, &body, &err), -1);
	assert_error(&err, ERROR_NETWORK, "502");
}

TESTS(setup, teardown)
