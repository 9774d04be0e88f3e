/* The worker against the real nginx: what large sites put in front of a repository. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/nginx.h"
#include "tests/support/pki.h"
#include "tests/support/test.h"
#include "tests/updater/faults.h"
#include "updater/fetch/fetch.h"

#define FILE_SIZE 3000000

struct site {
	struct folder folder;
	struct pki pki;
	struct pki_pair server, client, expired;
	struct program nginx;
	char url[64];
	char *bytes;
};

static void put_text(struct site *site, const char *name, const char *text)
{
	folder_put(&site->folder, name, text, strlen(text));
}

static void start_nginx(struct site *site)
{
	const char *at = site->folder.path;
	int port, listen_fd = nginx_listen(&port);
	char text[4096];

	put_text(site, "server.pem", site->server.pem);
	put_text(site, "server.key", site->server.key_pem);
	put_text(site, "ca.pem", site->pki.ca_pem);
	(void)snprintf(text, sizeof(text),
		"events {}\nhttp {\n server {\n  listen 127.0.0.1:%d ssl http2;\n  ssl_certificate %s/server.pem;\n"
		"  ssl_certificate_key %s/server.key;\n  ssl_client_certificate %s/ca.pem;\n  ssl_verify_client on;\n"
		"  root %s/site;\n }\n}\n",
		port, at, at, at, at);
	nginx_start(&site->nginx, &site->folder, text, listen_fd);
	(void)snprintf(site->url, sizeof(site->url), "https://localhost:%d", port);
}

static int setup(void **state)
{
	struct site *site = calloc(1, sizeof(*site));

	folder_init(&site->folder);
	pki_init(&site->pki, "Authority");
	pki_issue_server(&site->pki, &site->server, pki_yesterday(), pki_next_year());
	pki_issue_client(&site->pki, &site->client, "1312345678", pki_yesterday(), pki_next_year());
	pki_issue_client(&site->pki, &site->expired, "1312345678", pki_yesterday(), pki_yesterday() + 60);
	site->bytes = malloc(FILE_SIZE);
	for (size_t i = 0; i < FILE_SIZE; i++)
		site->bytes[i] = (char)(i * 2654435761u >> 13);
	folder_put(&site->folder, "site/targets/file", site->bytes, FILE_SIZE);
	start_nginx(site);
	*state = site;
	return 0;
}

static int teardown(void **state)
{
	struct site *site = *state;

	nginx_stop(&site->nginx);
	folder_clear(&site->folder);
	pki_pair_clear(&site->server);
	pki_pair_clear(&site->client);
	pki_pair_clear(&site->expired);
	pki_clear(&site->pki);
	free(site->bytes);
	free(site);
	return 0;
}

static struct fetch *open_fetch(struct site *site, const struct pki_pair *shown)
{
	struct fetch_options options = {.program = HAISHIN_FETCH, .user = "nobody", .http = faults_options()};
	struct error err = {0};
	struct fetch *fetch;

	options.http.ca_pem = site->pki.ca_pem;
	options.http.certificate_pem = shown ? shown->pem : NULL;
	options.http.key_pem = shown ? shown->key_pem : NULL;
	assert_ok(fetch_open(&options, &fetch, &err), &err);
	return fetch;
}

static int append(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

static int get(struct site *site, struct fetch *fetch, const char *path, uint64_t offset, uint64_t length,
	struct buf *ret_body, struct transport_reply *ret_reply, struct error *err)
{
	char url[256];
	struct transport_request request = {.url = url, .offset = offset, .length = length, .limit = FILE_SIZE};
	struct transport *transport = fetch_transport(fetch);

	(void)snprintf(url, sizeof(url), "%s%s", site->url, path);
	buf_empty(ret_body);
	return transport->ask(transport, &request, append, ret_body, ret_reply, err);
}

TEST_CASE(test_takes_the_whole_and_parts)
{
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(fetch) struct fetch *fetch = open_fetch(site, &site->client);
	struct transport_reply reply;
	struct error err = {0};

	assert_ok(get(site, fetch, "/targets/file", 0, 0, &body, &reply, &err), &err);
	assert_int_equal(reply.http_status, 200);
	assert_int_equal(body.len, FILE_SIZE);
	assert_memory_equal(body.data, site->bytes, FILE_SIZE);
	assert_ok(get(site, fetch, "/targets/file", 1234567, 890, &body, &reply, &err), &err);
	assert_int_equal(reply.http_status, 206);
	assert_int_equal(body.len, 890);
	assert_memory_equal(body.data, site->bytes + 1234567, 890);
	assert_ok(get(site, fetch, "/targets/file", FILE_SIZE - 5, 0, &body, &reply, &err), &err);
	assert_int_equal(body.len, 5);
}

TEST_CASE(test_tells_apart_what_is_missing_and_what_is_beyond_the_end)
{
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(fetch) struct fetch *fetch = open_fetch(site, &site->client);
	struct transport_reply reply;
	struct error err = {0};

	assert_int_equal(get(site, fetch, "/targets/none", 0, 0, &body, &reply, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, "404");
	assert_int_equal(get(site, fetch, "/targets/file", FILE_SIZE, 10, &body, &reply, &err), -1);
	assert_error(&err, ERROR_SERVER, "416");
	assert_int_equal(get(site, fetch, "/targets/file", FILE_SIZE - 5, 10, &body, &reply, &err), -1);
	assert_error(&err, ERROR_SERVER, "another part");
	assert_int_equal(body.len, 0);
}

TEST_CASE(test_names_a_client_certificate_that_is_missing_or_expired)
{
	AUTO(buf) struct buf body = BUF_INIT(FILE_SIZE);
	struct site *site = *state;
	AUTO(fetch) struct fetch *without = open_fetch(site, NULL);
	AUTO(fetch) struct fetch *expired = open_fetch(site, &site->expired);
	struct transport_reply reply;
	struct error err = {0};

	assert_int_equal(get(site, without, "/targets/file", 0, 0, &body, &reply, &err), -1);
	assert_error(&err, ERROR_CERTIFICATE, "none is installed");
	assert_int_equal(get(site, expired, "/targets/file", 0, 0, &body, &reply, &err), -1);
	assert_error(&err, ERROR_CERTIFICATE, "does not accept the client certificate");
	assert_int_equal(body.len, 0);
}

TESTS(setup, teardown)
