#include "agent/server/distribution_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define CA_MAX_BYTES (1u << 20)
#define CREDENTIALS_MAX_BYTES 1024

char *distribution_join_url(const char *base, const char *rest, struct error *err)
{
	char *url = NULL;

	if (asprintf(&url, "%s/%s", base, rest) < 0) {
		(void)error_set(err, ERROR_FAILED, "no memory for a URL");
		return NULL;
	}
	return url;
}

static bool any_asks_for_certificates(const struct config *config)
{
	for (size_t i = 0; i < config->server_urls.count; i++)
		if (strncmp(config->server_urls.items[i], "https:", strlen("https:")) == 0)
			return true;
	return false;
}

int distribution_choose_certificate(
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
static int read_proxy_credentials(struct distribution *distribution, struct error *err)
{
	const char *path = distribution->terminal->config->proxy_credentials_path;
	struct buf *credentials = &distribution->proxy_credentials;
	struct stat found;
	size_t len;

	if (!*path)
		return 0;
	if (stat(path, &found) < 0)
		return error_system(err, errno, "user and password of the proxy, '%s'", path);
	if (found.st_mode & (S_IRWXG | S_IRWXO))
		return error_set(err, ERROR_INPUT,
			"'%s' holds the proxy's password, and others than its owner may read it; run: chmod 600 %s",
			path, path);
	if (fs_read_file(distribution->env.fs, AT_FDCWD, path, credentials, err) < 0)
		return error_context(err, "user and password of the proxy");
	len = strcspn(buf_text(credentials), "\r\n");
	if (!memchr(buf_text(credentials), ':', len))
		return error_set(err, ERROR_INPUT, "'%s' does not hold user:password in its first line", path);
	credentials->data[len] = '\0';
	credentials->len = len;
	return 0;
}

static int start_worker(struct distribution *distribution, int stop_fd, struct error *err)
{
	const struct config *config = distribution->terminal->config;
	struct fetch_options options = {
		.user = config->fetch_user,
		.http =
			{
				.certificate_pem = distribution->certificate.pem.data,
				.key_pem = distribution->certificate.key_pem.data,
				.proxy = *config->proxy ? config->proxy : NULL,
				.proxy_credentials = distribution->proxy_credentials.data,
				.connect_timeout_ms = config->connect_timeout_s * 1000,
				.stall_timeout_s = config->stall_timeout_s,
				.redirects = config->redirects,
				.stop_fd = stop_fd,
			},
	};

	if (*config->ca_file_path) {
		if (fs_read_file(distribution->terminal->env->fs, AT_FDCWD, config->ca_file_path,
			    &distribution->ca_pem, err) < 0)
			return error_context(err, "certificates of servers to trust ([server] ca_file)");
		options.http.ca_pem = buf_text(&distribution->ca_pem);
	}
	if (!(distribution->worker = distribution_join_url(config->programs_path, "haishin-fetch", err)))
		return -1;
	options.program = distribution->worker;
	return fetch_open(&options, &distribution->fetch, err);
}

static void set_rate(void *context, int64_t most_bytes_per_s)
{
	struct fetch *fetch = context;

	if (fetch)
		fetch_set_rate(fetch, most_bytes_per_s);
}

static int limit_traffic(
	struct distribution *distribution, const struct distribution_options *options, struct error *err)
{
	const struct config *config = distribution->terminal->config;
	struct traffic_options limits = {
		.clock = distribution->env.clock,
		.rate = {config->zone, &config->windows, config->rate, config->rate_outside_window,
			&config->rate_by_hour},
		.closes_s = options->closes_s,
		.set_rate = set_rate,
		.rate_context = distribution->fetch,
		.arrived = options->arrived,
		.arrived_context = options->context,
	};

	if (options->opens_s) {
		limits.budget = config->budget;
		limits.budget_s = config->budget_s;
		if (traffic_read_spent(distribution->terminal->store, options->opens_s, &limits.spent, err) < 0)
			return -1;
	}
	if (!(distribution->traffic = calloc(1, sizeof(*distribution->traffic))))
		return error_set(err, ERROR_FAILED, "no memory for transfers");
	traffic_init(distribution->traffic, mirrors_transport(distribution->mirrors), &limits);
	distribution->env.transport = &distribution->traffic->transport;
	return 0;
}

/* Through the worker, unless another way was handed in at start. */
static int reach_servers(
	struct distribution *distribution, const struct distribution_options *options, struct error *err)
{
	const struct config_list *urls = &distribution->terminal->config->server_urls;
	struct transport *way = distribution->terminal->env->transport;

	if (!way) {
		if (start_worker(distribution, options->stop_fd, err) < 0)
			return -1;
		way = fetch_transport(distribution->fetch);
	}
	if (mirrors_open(way, (const char *const *)urls->items, urls->count, &distribution->mirrors, err) < 0)
		return -1;
	return limit_traffic(distribution, options, err);
}

struct transport *distribution_way(struct distribution *distribution)
{
	struct transport *handed_in = distribution->terminal->env->transport;

	return handed_in ? handed_in : fetch_transport(distribution->fetch);
}

int distribution_open(struct terminal *terminal, const struct distribution_options *options,
	struct distribution *ret_distribution, struct error *err)
{
	AUTO(distribution)
	struct distribution distribution = {
		.terminal = terminal,
		.env = *terminal->env,
		.ca_pem = BUF_INIT(CA_MAX_BYTES),
		.proxy_credentials = BUF_INIT(CREDENTIALS_MAX_BYTES),
	};
	const char *base = terminal->config->server_urls.items[0];

	if (read_proxy_credentials(&distribution, err) < 0 ||
		distribution_choose_certificate(terminal, &distribution.certificate, err) < 0 ||
		reach_servers(&distribution, options, err) < 0 ||
		!(distribution.metadata_url = distribution_join_url(base, "metadata", err)) ||
		!(distribution.targets_url = distribution_join_url(base, "targets", err)))
		return -1;
	*ret_distribution = distribution;
	distribution = (struct distribution){0};
	return 0;
}

void distribution_close(struct distribution *distribution)
{
	catalog_free(distribution->catalog);
	tuf_client_free(distribution->trust);
	free(distribution->traffic);
	mirrors_free(distribution->mirrors);
	fetch_free(distribution->fetch);
	certificate_clear(&distribution->certificate);
	buf_clear(&distribution->ca_pem);
	buf_wipe(&distribution->proxy_credentials);
	free(distribution->worker);
	free(distribution->metadata_url);
	free(distribution->targets_url);
	*distribution = (struct distribution){0};
}
