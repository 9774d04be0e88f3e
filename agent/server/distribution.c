#include "agent/server/distribution.h"

#include <fcntl.h>
#include <string.h>

#include "agent/server/kept_brake.h"
#include "agent/server/kept_policy.h"
#include "agent/store/history.h"
#include "agent/store/postponed.h"
#include "common/text.h"
#include "updater/fetch/http_hop.h"

#define KEPT_CATALOG "catalog.json"

/* "BASE/REST", the caller's to free. */
static char *join_url(const char *base, const char *rest, struct error *err)
{
	char *url = NULL;

	if (asprintf(&url, "%s/%s", base, rest) < 0) {
		(void)error_set(err, ERROR_FAILED, "no memory for a URL");
		return NULL;
	}
	return url;
}

int distribution_open(struct terminal *terminal, const struct connection_options *options,
	struct distribution *ret_distribution, struct error *err)
{
	AUTO(distribution) struct distribution distribution = {.terminal = terminal, .env = *terminal->env};
	const char *base = terminal->config->server_urls.items[0];

	if (connection_open(terminal, options, &distribution.connection, err) < 0 ||
		!(distribution.metadata_url = join_url(base, "metadata", err)) ||
		!(distribution.targets_url = join_url(base, "targets", err)))
		return -1;
	distribution.env.transport = distribution.connection.transport;
	*ret_distribution = distribution;
	distribution = (struct distribution){0};
	return 0;
}

void distribution_close(struct distribution *distribution)
{
	catalog_free(distribution->catalog);
	tuf_client_free(distribution->trust);
	connection_close(&distribution->connection);
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

	if (!mirrors_pass_over(distribution->connection.mirrors))
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
		if (err->code == ERROR_REFUSED)
			err->code = ERROR_ALTERED;
		else if (err->code != ERROR_STRANGER)
			return -1;
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

/* A policy that cannot be had keeps no release from its terminal: the former one holds on. */
static void refresh_policy(struct distribution *distribution)
{
	struct error err;

	if (kept_policy_refresh(
		    distribution->terminal, distribution->trust, distribution->targets_url, &err) < 0)
		log_line(distribution->env.log, LOG_LEVEL_WARNING, "%s, ignored", err.text);
}

/* Without a fresh statement no candidate comes to this terminal, and all else goes on. */
static void refresh_brake(struct distribution *distribution)
{
	struct error err;

	if (kept_brake_refresh(distribution->terminal, distribution->trust, distribution->catalog, &err) < 0)
		log_line(distribution->env.log, LOG_LEVEL_WARNING, "%s, ignored", err.text);
}

/* Another place may have what this one cannot show. */
static bool is_of_this_place(const struct error *why)
{
	return why->code == ERROR_REFUSED || why->code == ERROR_STRANGER || why->code == ERROR_EXPIRED;
}

int distribution_refresh(struct distribution *distribution, struct error *err)
{
	while (refresh_once(distribution, err) < 0)
		if (!is_of_this_place(err) || !distribution_pass_over(distribution, err))
			return -1;
	refresh_policy(distribution);
	refresh_brake(distribution);
	return 0;
}

int64_t distribution_metadata_version(const struct distribution *distribution)
{
	return tuf_client_version(distribution->trust, "snapshot", NULL);
}

int distribution_postpone(struct distribution *distribution, const char *package, const char *digest,
	const struct error *why, struct error *err)
{
	struct store *store = distribution->terminal->store;
	int64_t now_s = distribution->env.clock->now_s(distribution->env.clock);
	int64_t version = distribution_metadata_version(distribution);
	struct postponed postponed;
	bool found;

	if (postponed_find(store, package, digest, version, &postponed, &found, err) < 0)
		return -1;
	if (!found)
		postponed = (struct postponed){.metadata_version = version, .since_s = now_s};
	postponed.last_s = now_s;
	text_cut(digest, postponed.digest, sizeof(postponed.digest));
	record_text(why->text, postponed.why, sizeof(postponed.why));
	return postponed_put(store, package, &postponed, err);
}

int distribution_blame(struct distribution *distribution, const char *package, const char *needed, struct error *why,
	struct error *err)
{
	struct postponed before;
	bool found;

	http_blame_file(why);
	if (why->code != ERROR_NETWORK)
		return 0;
	if (postponed_find(distribution->terminal->store, package, needed, distribution_metadata_version(distribution),
		    &before, &found, err) < 0)
		return -1;
	if (!found)
		return distribution_postpone(distribution, package, needed, why, err);
	why->code = ERROR_SERVER;
	return 0;
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

void offer_clear(struct offer *offer)
{
	release_free(offer->release);
	buf_clear(&offer->json);
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

/* The delta's target, of the newest format that there is. ERROR_NOT_FOUND. */
static int find_delta(struct distribution *distribution, const struct release *release, const char *from_version,
	struct tuf_target *ret_target, struct error *err)
{
	char path[PACKAGE_TARGET_SIZE];

	package_delta_target(release->package, release->version, from_version, PACKAGE_DELTA, path);
	if (tuf_client_find(distribution->trust, path, ret_target, err) == 0)
		return 0;
	if (err->code != ERROR_NOT_FOUND)
		return -1;
	package_delta_target(release->package, release->version, from_version, PACKAGE_DELTA_FORMER, path);
	return tuf_client_find(distribution->trust, path, ret_target, err);
}

int distribution_delta(struct distribution *distribution, const struct release *release, const char *from_version,
	char **ret_url, uint64_t *ret_length, struct sha256 *ret_sha256, struct error *err)
{
	AUTO(tuf_target) struct tuf_target payload = {0};
	AUTO(tuf_target) struct tuf_target delta = {0};
	struct error reason;

	*ret_url = NULL;
	if (find_delta(distribution, release, from_version, &delta, &reason) < 0) {
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
