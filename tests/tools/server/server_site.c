#include "tests/tools/server/server_site.h"

#include <sys/stat.h>
#include <unistd.h>

static void put_text(struct site *site, const char *name, const char *text)
{
	folder_put(&site->folder, name, text, strlen(text));
}

int server_site_set_up(void **state)
{
	static const char *const names[] = {"site", "server.pem", "server.key", "ca.pem", "log", "reports", "port"};
	struct site *site = calloc(1, sizeof(*site));

	folder_init(&site->folder);
	pki_init(&site->pki, "Authority");
	pki_init(&site->other, "Another authority");
	pki_issue_server(&site->pki, &site->server, pki_yesterday(), pki_next_year());
	pki_issue_client(&site->pki, &site->client, "1312345678", pki_yesterday(), pki_next_year());
	pki_issue_client(&site->pki, &site->expired, "1312345678", pki_yesterday(), pki_yesterday() + 60);
	pki_issue_client(&site->other, &site->stranger, "1312345678", pki_yesterday(), pki_next_year());
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)snprintf(site->path[i], sizeof(site->path[i]), "%s/%s", site->folder.path, names[i]);
	for (size_t i = 0; i < FILE_SIZE; i++)
		site->bytes[i] = (char)(i * 2654435761u >> 13);
	folder_put(&site->folder, "site/targets/file", site->bytes, FILE_SIZE);
	put_text(site, "site/metadata/1.root.json", "{}");
	put_text(site, "site/.secret", "secret");
	put_text(site, "site/empty", "");
	put_text(site, "secret", "secret");
	put_text(site, "server.pem", site->server.pem);
	folder_put_secret(&site->folder, "server.key", site->server.key_pem);
	put_text(site, "ca.pem", site->pki.ca_pem);
	assert_int_equal(mkdirat(site->folder.fd, "reports", 0755), 0);
	assert_int_equal(symlinkat("../secret", site->folder.fd, "site/out"), 0);
	*state = site;
	return 0;
}

int server_site_tear_down(void **state)
{
	struct site *site = *state;

	folder_clear(&site->folder);
	pki_clear(&site->pki);
	pki_clear(&site->other);
	pki_pair_clear(&site->server);
	pki_pair_clear(&site->client);
	pki_pair_clear(&site->expired);
	pki_pair_clear(&site->stranger);
	free(site);
	return 0;
}

void server_site_start(struct site *site, const char *const *more)
{
	const char *argv[ARGUMENTS_MOST] = {HAISHIN_SERVER, "--listen", "127.0.0.1:0", "--root", site->path[ROOT]};
	char line[256];
	int argc = 5;

	for (; *more; more++)
		argv[argc++] = *more;
	program_start(&site->program, argv, -1);
	program_read_line(&site->program, line, sizeof(line));
	if (sscanf(line, "listening at %*[a-z]://127.0.0.1:%d", &site->port) != 1)
		fail_msg("it says '%s'", line);
}

void server_site_start_with_tls(struct site *site)
{
	const char *more[] = {"--tls-cert", site->path[CERTIFICATE], "--tls-key", site->path[KEY], "--client-ca",
		site->path[AUTHORITY], "--access-log", site->path[LOG], "--reports", site->path[REPORTS],
		"--port-file", site->path[PORT_FILE], NULL};

	server_site_start(site, more);
}

void server_site_stop(struct site *site)
{
	char output[1024];

	assert_int_equal(program_stop(&site->program, SIGTERM, output, sizeof(output)), 0);
	assert_string_equal(output, "");
}

struct transport *server_site_client(struct site *site, const struct pki_pair *shown)
{
	struct http_options options = {.ca_pem = site->pki.ca_pem, .stop_fd = -1};
	struct transport *transport;
	struct error err = {0};

	options.certificate_pem = shown ? shown->pem : NULL;
	options.key_pem = shown ? shown->key_pem : NULL;
	assert_ok(http_open(&options, &transport, &err), &err);
	return transport;
}

int server_site_take(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

int server_site_ask(struct site *site, struct transport *client, const char *path, uint64_t offset, uint64_t length,
	const char *body, struct buf *ret_body, struct transport_reply *ret_reply, struct error *err)
{
	char url[512];
	struct transport_request request = {.url = url,
		.offset = offset,
		.length = length,
		.limit = FILE_SIZE,
		.body = body,
		.body_len = body ? strlen(body) : 0};

	(void)snprintf(url, sizeof(url), "https://localhost:%d%s", site->port, path);
	buf_empty(ret_body);
	return client->ask(client, &request, server_site_take, ret_body, ret_reply, err);
}
