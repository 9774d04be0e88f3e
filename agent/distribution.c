#include "agent/distribution.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/history.h"
#include "agent/postponed.h"

#define CA_MAX_BYTES (1u << 20)
#define CREDENTIALS_MAX_BYTES 1024
#define KEPT_CATALOG "catalog.json"

static char *join_url(const char *base, const char *rest, struct error *err)
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
	if (!(distribution->worker = join_url(config->programs_path, "haishin-fetch", err)))
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
		!(distribution.metadata_url = join_url(base, "metadata", err)) ||
		!(distribution.targets_url = join_url(base, "targets", err)))
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
	certificate_release(&distribution->certificate);
	buf_release(&distribution->ca_pem);
	buf_wipe(&distribution->proxy_credentials);
	free(distribution->worker);
	free(distribution->metadata_url);
	free(distribution->targets_url);
	*distribution = (struct distribution){0};
}

static int open_state_dir(struct terminal *terminal, struct error *err)
{
	return fs_open_dir(terminal->env->fs, AT_FDCWD, terminal->config->environment_path, err);
}

bool distribution_pass_over(struct distribution *distribution, const struct error *why)
{
	struct history_entry entry = {
		.operation = "pass-over", .outcome = "refused", .error = why->code, .detail = why->text};
	struct error failed;

	if (!mirrors_pass_over(distribution->mirrors))
		return false;
	if (history_add(distribution->terminal->store, &entry, &failed) < 0)
		log_line(distribution->env.log, LOG_LEVEL_WARNING, "%s, ignored", failed.text);
	log_line(distribution->env.log, LOG_LEVEL_WARNING, "%s; the next server is asked", why->text);
	return true;
}

/* Fetches a target's bytes from whoever has them as they were signed. */
static int fetch_target(
	struct distribution *distribution, const struct tuf_target *target, struct buf *ret_bytes, struct error *err)
{
	if (target->length > ret_bytes->limit)
		return error_set(err, ERROR_REFUSED, "'%s' has %llu bytes, more than it may (%zu)", target->path,
			(unsigned long long)target->length, ret_bytes->limit);
	for (;;) {
		if (tuf_client_fetch(distribution->trust, distribution->targets_url, target, ret_bytes, err) == 0)
			return 0;
		if (err->code != ERROR_REFUSED)
			return -1;
		err->code = ERROR_ALTERED;
		if (!distribution_pass_over(distribution, err))
			return -1;
	}
}

static int fetch_catalog(struct distribution *distribution, struct error *err)
{
	AUTO(tuf_target) struct tuf_target target = {0};
	AUTO(buf) struct buf json = BUF_INIT(CATALOG_MAX_BYTES);
	AUTO(fd) int state_fd = -1;

	if (tuf_client_find(distribution->trust, CATALOG_TARGET, &target, err) < 0 ||
		fetch_target(distribution, &target, &json, err) < 0 ||
		catalog_parse(buf_text(&json), json.len, &distribution->catalog, err) < 0 ||
		tuf_client_vouch_time(distribution->trust, distribution->catalog->issued_s, err) < 0)
		return error_context(err, "catalog");
	if ((state_fd = open_state_dir(distribution->terminal, err)) < 0 ||
		fs_write_file(distribution->env.fs, state_fd, KEPT_CATALOG, buf_text(&json), json.len, 0644, err) < 0)
		return error_context(err, "keeping the catalog");
	return 0;
}

static int refresh_once(struct distribution *distribution, struct error *err)
{
	struct tuf_client_options options = {
		.metadata_dir_fd = distribution->terminal->metadata_dir_fd,
		.metadata_url = distribution->metadata_url,
		.start_time_s = distribution->env.clock->now_s(distribution->env.clock),
		.keep_time_floor = true,
	};

	tuf_client_free(take_ptr(&distribution->trust));
	catalog_free(take_ptr(&distribution->catalog));
	if (tuf_client_open(&distribution->env, &options, &distribution->trust, err) < 0 ||
		tuf_client_refresh(distribution->trust, err) < 0)
		return -1;
	return fetch_catalog(distribution, err);
}

int distribution_refresh(struct distribution *distribution, struct error *err)
{
	while (refresh_once(distribution, err) < 0)
		if (err->code != ERROR_REFUSED || !distribution_pass_over(distribution, err))
			return -1;
	return 0;
}

int64_t distribution_metadata_version(const struct distribution *distribution)
{
	return tuf_client_version(distribution->trust, "snapshot", NULL);
}

int distribution_postpone(struct distribution *distribution, const char *package, const char *digest,
	const struct error *why, struct error *err)
{
	struct postponed postponed = {.metadata_version = distribution_metadata_version(distribution)};

	memcpy(postponed.digest, digest, sizeof(postponed.digest));
	record_text(why->text, postponed.why, sizeof(postponed.why));
	return postponed_put(distribution->terminal->store, package, &postponed, err);
}

int distribution_kept_catalog(struct terminal *terminal, struct catalog **ret_catalog, struct error *err)
{
	AUTO(buf) struct buf json = BUF_INIT(CATALOG_MAX_BYTES);
	AUTO(fd) int state_fd = -1;

	if ((state_fd = open_state_dir(terminal, err)) < 0 ||
		fs_read_file(terminal->env->fs, state_fd, KEPT_CATALOG, &json, err) < 0 ||
		catalog_parse(buf_text(&json), json.len, ret_catalog, err) < 0)
		return error_context(err, "kept catalog");
	return 0;
}

void offer_release(struct offer *offer)
{
	release_free(offer->release);
	buf_release(&offer->json);
	free(offer->payload_url);
	*offer = (struct offer){0};
}

static int find_release(struct distribution *distribution, const char *release_target, struct tuf_target *ret_target,
	struct error *err)
{
	if (tuf_client_find(distribution->trust, release_target, ret_target, err) < 0)
		return -1;
	if (!ret_target->has_sha256)
		return error_set(err, ERROR_REFUSED, "'%s' has no SHA-256 in its metadata", release_target);
	return 0;
}

int distribution_digest(struct distribution *distribution, const char *release_target,
	char ret_digest[static SHA256_HEX_SIZE], struct error *err)
{
	AUTO(tuf_target) struct tuf_target target = {0};

	if (find_release(distribution, release_target, &target, err) < 0)
		return -1;
	(void)sha256_hex(&target.sha256, ret_digest);
	return 0;
}

static bool says(const char *word, const char *expected)
{
	return word && strcmp(word, expected) == 0;
}

/* The payload's own metadata must vouch for the bytes that the release names: same vendor, same length, same digest.
 */
static int check_payload(struct distribution *distribution, const struct tuf_target *release_target,
	const struct release *release, char **ret_url, struct error *err)
{
	AUTO(tuf_target) struct tuf_target payload = {0};

	if (tuf_client_find(distribution->trust, release->payload_target, &payload, err) < 0)
		return -1;
	if (!says(payload.role, release_target->role))
		return error_set(err, ERROR_REFUSED, "wrong key: '%s' is signed by '%s', its release by '%s'",
			release->payload_target, payload.role, release_target->role);
	if (payload.length != release->payload_length || !payload.has_sha256 ||
		!sha256_equal(&payload.sha256, &release->payload_sha256))
		return error_set(err, ERROR_REFUSED,
			"mix-and-match attack: '%s' is not the payload that its release names",
			release->payload_target);
	return (*ret_url = join_url(distribution->targets_url, payload.url_path, err)) ? 0 : -1;
}

int distribution_offer(struct distribution *distribution, const char *package, const char *version,
	const char *release_target, struct offer *ret_offer, struct error *err)
{
	AUTO(offer) struct offer offer = {.json = BUF_INIT(RELEASE_MAX_BYTES)};
	AUTO(tuf_target) struct tuf_target target = {0};

	if (find_release(distribution, release_target, &target, err) < 0)
		return -1;
	if (!says(target.package, package) || !says(target.version, version) || !says(target.kind, "release"))
		return error_set(err, ERROR_REFUSED,
			"mix-and-match attack: '%s' is signed as %s %s, not as release of %s %s", release_target,
			target.package ? target.package : "nothing", target.version ? target.version : "", package,
			version);
	if (fetch_target(distribution, &target, &offer.json, err) < 0)
		return -1;
	if (release_parse(buf_text(&offer.json), offer.json.len, &offer.release, err) < 0) {
		err->code = ERROR_REFUSED; /* it is signed, so it will not get better */
		return error_context(err, "'%s'", release_target);
	}
	if (!says(offer.release->package, package) || !says(offer.release->version, version))
		return error_set(err, ERROR_REFUSED, "mix-and-match attack: '%s' holds %s %s", release_target,
			offer.release->package, offer.release->version);
	if (check_payload(distribution, &target, offer.release, &offer.payload_url, err) < 0)
		return -1;
	(void)sha256_hex(&target.sha256, offer.digest);
	package_release_folder(version, offer.digest, offer.folder);
	*ret_offer = offer;
	offer = (struct offer){0};
	return 0;
}

int distribution_delta(struct distribution *distribution, const struct release *release, const char *from_version,
	char **ret_url, uint64_t *ret_length, struct sha256 *ret_sha256, struct error *err)
{
	AUTO(tuf_target) struct tuf_target payload = {0};
	AUTO(tuf_target) struct tuf_target delta = {0};
	char path[PACKAGE_TARGET_SIZE];
	struct error reason;

	*ret_url = NULL;
	package_delta_target(release->package, release->version, from_version, path);
	if (tuf_client_find(distribution->trust, path, &delta, &reason) < 0) {
		if (reason.code == ERROR_NOT_FOUND)
			return 0;
		*err = reason;
		return -1;
	}
	if (tuf_client_find(distribution->trust, release->payload_target, &payload, err) < 0)
		return -1;
	if (!delta.role || !says(payload.role, delta.role) || !says(delta.kind, "delta") || !delta.has_sha256)
		return 0; /* not its vendor's word: the whole payload will do */
	*ret_length = delta.length;
	*ret_sha256 = delta.sha256;
	return (*ret_url = join_url(distribution->targets_url, delta.url_path, err)) ? 0 : -1;
}
