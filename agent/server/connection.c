#include "agent/server/connection.h"

#include <fcntl.h>
#include <string.h>

#include "common/access/trusted_file.h"

#define CA_MAX_BYTES (1u << 20)
#define CREDENTIALS_MAX_BYTES 1024

static bool any_asks_for_certificates(const struct config *config)
{
	for (size_t i = 0; i < config->server_urls.count; i++)
		if (strncmp(config->server_urls.items[i], "https:", strlen("https:")) == 0)
			return true;
	return false;
}

int connection_choose_certificate(
	const struct terminal *terminal, struct certificate *ret_certificate, struct error *err)
{
	const struct config *config = terminal->config;
	const struct env *env = terminal->env;
	const char *code = *config->institution_code ? config->institution_code : NULL;
	AUTO(fd) int dir_fd = -1;

	if (!any_asks_for_certificates(config))
		return 0;
	if ((dir_fd = fs_open_dir(env->fs, AT_FDCWD, config->certificates_path, err)) < 0)
		return err->code == ERROR_NOT_FOUND
			       ? error_set(err, ERROR_CERTIFICATE,
					 "no client certificate: there is no folder '%s'; install the certificate",
					 config->certificates_path)
			       : -1;
	return certificate_choose(env->fs, dir_fd, code, env->clock->now_s(env->clock), ret_certificate, err);
}

/* The first line of the file, "user:password", which is nobody else's business. */
static int read_proxy_credentials(const struct terminal *terminal, struct buf *credentials, struct error *err)
{
	const char *path = terminal->config->proxy_credentials_path;
	size_t len;

	if (!*path)
		return 0;
	if (trusted_file_read_secret(terminal->env->fs, AT_FDCWD, path, credentials, err) < 0)
		return error_context(err, "user and password of the proxy");
	len = strcspn(buf_text(credentials), "\r\n");
	if (!memchr(buf_text(credentials), ':', len))
		return error_set(err, ERROR_INPUT, "'%s' does not hold user:password in its first line", path);
	credentials->data[len] = '\0';
	credentials->len = len;
	return 0;
}

static int start_worker(
	const struct terminal *terminal, struct connection *connection, int stop_fd, struct error *err)
{
	const struct config *config = terminal->config;
	struct fetch_options options = {
		.user = config->fetch_user,
		.http =
			{
				.certificate_pem = connection->certificate.pem.data,
				.key_pem = connection->certificate.key_pem.data,
				.proxy = *config->proxy ? config->proxy : NULL,
				.proxy_credentials = connection->proxy_credentials.data,
				.connect_timeout_ms = config->connect_timeout_s * 1000,
				.stall_timeout_s = config->stall_timeout_s,
				.redirects = config->redirects,
				.stop_fd = stop_fd,
			},
	};

	if (*config->ca_file_path) {
		if (trusted_file_read(terminal->env->fs, AT_FDCWD, config->ca_file_path, &connection->ca_pem, err) < 0)
			return error_context(err, "certificates of servers to trust ([server] ca_file)");
		options.http.ca_pem = buf_text(&connection->ca_pem);
	}
	if (asprintf(&connection->worker, "%s/haishin-fetch", config->programs_path) < 0) {
		connection->worker = NULL;
		return error_set(err, ERROR_FAILED, "no memory for a path");
	}
	options.program = connection->worker;
	return fetch_open(&options, &connection->fetch, err);
}

static void set_rate(void *context, int64_t most_bytes_per_s)
{
	struct fetch *fetch = context;

	if (fetch)
		fetch_set_rate(fetch, most_bytes_per_s);
}

static int limit_traffic(const struct terminal *terminal, struct connection *connection,
	const struct connection_options *options, struct error *err)
{
	const struct config *config = terminal->config;
	struct traffic_options limits = {
		.clock = terminal->env->clock,
		.rate = {config->zone, &config->own.windows, config->rate, config->rate_outside_window,
			&config->rate_by_hour},
		.closes_s = options->closes_s,
		.set_rate = set_rate,
		.rate_context = connection->fetch,
		.arrived = options->arrived,
		.arrived_context = options->context,
	};

	if (options->opens_s) {
		limits.budget = config->budget;
		limits.budget_s = config->budget_s;
		if (traffic_read_spent(terminal->store, options->opens_s, &limits.spent, err) < 0)
			return -1;
	}
	if (!(connection->traffic = calloc(1, sizeof(*connection->traffic))))
		return error_set(err, ERROR_FAILED, "no memory for transfers");
	traffic_init(connection->traffic, mirrors_transport(connection->mirrors), &limits);
	connection->transport = &connection->traffic->transport;
	return 0;
}

/* Through the worker, unless another way was handed in at start. */
static int reach_servers(const struct terminal *terminal, struct connection *connection,
	const struct connection_options *options, struct error *err)
{
	const struct config_list *urls = &terminal->config->server_urls;

	connection->direct = terminal->env->transport;
	if (!connection->direct) {
		if (start_worker(terminal, connection, options->stop_fd, err) < 0)
			return -1;
		connection->direct = fetch_transport(connection->fetch);
	}
	if (mirrors_open(
		    connection->direct, (const char *const *)urls->items, urls->count, &connection->mirrors, err) < 0)
		return -1;
	return limit_traffic(terminal, connection, options, err);
}

int connection_open(const struct terminal *terminal, const struct connection_options *options,
	struct connection *ret_connection, struct error *err)
{
	AUTO(connection)
	struct connection connection = {
		.ca_pem = BUF_INIT(CA_MAX_BYTES),
		.proxy_credentials = BUF_INIT(CREDENTIALS_MAX_BYTES),
	};

	if (read_proxy_credentials(terminal, &connection.proxy_credentials, err) < 0 ||
		(!options->is_anonymous &&
			connection_choose_certificate(terminal, &connection.certificate, err) < 0) ||
		reach_servers(terminal, &connection, options, err) < 0)
		return -1;
	*ret_connection = connection;
	connection = (struct connection){0};
	return 0;
}

void connection_close(struct connection *connection)
{
	free(connection->traffic);
	mirrors_free(connection->mirrors);
	fetch_free(connection->fetch);
	certificate_clear(&connection->certificate);
	buf_clear(&connection->ca_pem);
	buf_wipe(&connection->proxy_credentials);
	free(connection->worker);
	*connection = (struct connection){0};
}
