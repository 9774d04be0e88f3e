#include "manifests/tuf/tuf_client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "manifests/tuf/tuf_content.h"
#include "manifests/tuf/tuf_path.h"
#include "manifests/tuf/tuf_root.h"
#include "manifests/tuf/tuf_search.h"
#include "manifests/tuf/tuf_targets.h"
#include "manifests/tuf/tuf_trust.h"

#define ROOT_ROTATIONS_MAX 256

struct tuf_client {
	struct transport *transport;
	char *metadata_url;
	struct tuf_trust trust;
	struct clock clock;
	int64_t ends_ms; /* when what is under way, an update or a search, has to be over */
	json_t *fetched; /* targets roles that came in this update: each is fetched once */
};

int tuf_client_init(struct fs *fs, int metadata_dir_fd, const void *root, size_t len, struct error *err)
{
	AUTO(tuf_store) struct tuf_store store = TUF_STORE_INIT;

	if (tuf_store_open(&store, fs, metadata_dir_fd, true, err) < 0)
		return -1;
	return tuf_trust_init(&store, root, len, err);
}

int tuf_client_open(const struct env *env, const struct tuf_client_options *options, struct tuf_client **ret_client,
	struct error *err)
{
	AUTO(tuf_client) struct tuf_client *client = calloc(1, sizeof(*client));

	if (!client)
		return error_set(err, ERROR_FAILED, "no memory for the trust client");
	client->trust.store = (struct tuf_store)TUF_STORE_INIT;
	client->transport = env->transport;
	if (env->clock)
		client->clock = *env->clock;
	else
		clock_init(&client->clock, NULL);
	client->trust.start_time_s = options->start_time_s;
	client->trust.keep_time_floor = options->keep_time_floor;
	if (!(client->metadata_url = strdup(options->metadata_url)) || !(client->fetched = json_object()))
		return error_set(err, ERROR_FAILED, "no memory for the trust client");
	if (tuf_store_open(&client->trust.store, env->fs, options->metadata_dir_fd, options->wait_for_lock, err) <
			0 ||
		tuf_trust_load_root(&client->trust, err) < 0)
		return -1;
	*ret_client = take_ptr(&client);
	return 0;
}

void tuf_client_free(struct tuf_client *client)
{
	if (!client)
		return;
	tuf_trust_clear(&client->trust);
	json_decref(client->fetched);
	free(client->metadata_url);
	free(client);
}

static void begin(struct tuf_client *client)
{
	client->ends_ms = client->clock.monotonic_ms(&client->clock) + 1000 * TUF_UPDATE_MOST_S;
}

/* How long one more request may take. */
static int time_left(const struct tuf_client *client, int64_t *ret_left_s, struct error *err)
{
	int64_t left_ms = client->ends_ms - client->clock.monotonic_ms(&client->clock);

	if (left_ms <= 0)
		return error_set(err, ERROR_NETWORK,
			"the metadata did not come within %d minutes: the server or the network is too slow",
			TUF_UPDATE_MOST_S / 60);
	*ret_left_s = (left_ms + 999) / 1000;
	return 0;
}

/* What a failed transfer of metadata means. That the server does not have it is not the same as a target that nobody
 * lists, so it is ERROR_SERVER here. */
static int fetch_failed(struct error *err)
{
	if (err->code == ERROR_REFUSED)
		return error_context(err, "endless data attack");
	if (err->code == ERROR_NOT_FOUND)
		err->code = ERROR_SERVER;
	return error_context(err, "cannot fetch");
}

/* Fetches ROLE's metadata within the limit of RET_BYTES; VERSION 0 asks for the name without one. */
static int fetch_metadata(struct tuf_client *client, const char *role, int64_t version, struct buf *ret_bytes,
	struct transport_reply *ret_reply, struct error *err)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	AUTO(buf) struct buf url = BUF_INIT(2 * TUF_PATH_MAX_BYTES);
	int64_t left_s;

	if (time_left(client, &left_s, err) < 0 ||
		(version > 0 && buf_printf(&name, err, "%" PRId64 ".", version) < 0) ||
		tuf_role_encode(role, &name, err) < 0 || buf_append(&name, ".json", strlen(".json"), err) < 0 ||
		tuf_url_join(client->metadata_url, name.data, &url, err) < 0)
		return -1;
	if (transport_get_bytes(client->transport, url.data, left_s, ret_bytes, ret_reply, err) < 0)
		return error_context(err, "%.200s", name.data);
	return 0;
}

/* The end of the root chain: the server, or a folder that stands in for one, answered that it does not have this one.
 */
static bool root_is_not_there(const struct transport_reply *reply, const struct error *err)
{
	return err->code == ERROR_NOT_FOUND && reply->http_status != 410;
}

/* 5.3 */
static int update_root(struct tuf_client *client, struct error *err)
{
	for (int i = 0; i < ROOT_ROTATIONS_MAX; i++) {
		AUTO(buf) struct buf bytes = BUF_INIT(TUF_ROOT_MAX_BYTES);
		struct transport_reply reply = {0};
		int64_t next = client->trust.root->version;

		if (next == INT64_MAX)
			break;
		if (fetch_metadata(client, "root", next + 1, &bytes, &reply, err) < 0) {
			if (root_is_not_there(&reply, err))
				break;
			return fetch_failed(err);
		}
		if (tuf_trust_offer_root(&client->trust, &bytes, err) < 0)
			return -1;
	}
	return tuf_trust_finish_root(&client->trust, err);
}

/* 5.4 */
static int update_timestamp(struct tuf_client *client, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(TUF_TIMESTAMP_MAX_BYTES);
	struct transport_reply reply = {0};

	if (fetch_metadata(client, "timestamp", 0, &bytes, &reply, err) < 0)
		return fetch_failed(err);
	return tuf_trust_offer_timestamp(&client->trust, &bytes, err);
}

/* Fetches what the timestamp or the snapshot lists, no more than it lists. */
static int fetch_listed(struct tuf_client *client, const char *role, const struct tuf_listed *listed,
	size_t own_limit, struct buf *ret_bytes, struct error *err)
{
	bool consistent = tuf_root_is_consistent(client->trust.root);
	struct transport_reply reply = {0};

	ret_bytes->limit = own_limit;
	if (listed->content.has_length && listed->content.length > METADATA_MAX_BYTES)
		return error_set(err, ERROR_REFUSED,
			"endless data attack: %.200s is listed with %" PRIu64 " bytes, more than any metadata needs",
			role, listed->content.length);
	if (listed->content.has_length)
		ret_bytes->limit = (size_t)listed->content.length;
	if (fetch_metadata(client, role, consistent ? listed->version : 0, ret_bytes, &reply, err) < 0)
		return fetch_failed(err);
	return 0;
}

/* 5.5 */
static int update_snapshot(struct tuf_client *client, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(0);
	struct tuf_listed listed;
	bool have_it;

	if (tuf_trust_want_snapshot(&client->trust, &listed, &have_it, err) < 0)
		return -1;
	if (have_it)
		return 0;
	if (fetch_listed(client, "snapshot", &listed, TUF_SNAPSHOT_MAX_BYTES, &bytes, err) < 0)
		return -1;
	return tuf_trust_offer_snapshot(&client->trust, &bytes, err);
}

/* A targets role, from disk where that copy is good, from the server otherwise. */
static int obtain_targets(struct tuf_client *client, const struct tuf_reached *reached, struct metadata **ret_targets,
	struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(0);
	AUTO(metadata) struct metadata *targets = NULL;
	struct tuf_listed listed;

	if (tuf_trust_load_targets(&client->trust, reached, &listed, &targets, err) < 0)
		return -1;
	if (!targets && json_object_get(client->fetched, reached->role))
		return error_set(err, ERROR_REFUSED,
			"wrong key: role '%.100s' %" PRId64
			" was fetched in this update and is not what '%.100s' asks for",
			reached->role, listed.version, reached->by);
	if (!targets) {
		if (fetch_listed(client, reached->role, &listed, TUF_TARGETS_MAX_BYTES, &bytes, err) < 0)
			return -1;
		if (json_object_set_new(client->fetched, reached->role, json_true()) < 0)
			return error_set(err, ERROR_FAILED, "no memory for a role's name");
		if (tuf_trust_offer_targets(&client->trust, reached, &bytes, &targets, err) < 0)
			return -1;
	}
	*ret_targets = take_ptr(&targets);
	return 0;
}

/* 5.6 */
static int update_targets(struct tuf_client *client, struct error *err)
{
	struct tuf_reached reached = {
		.role = "targets",
		.by = "root",
		.signers = tuf_root_signers(client->trust.root, "targets"),
	};
	struct metadata *targets = NULL;

	if (obtain_targets(client, &reached, &targets, err) < 0) {
		if (err->code != ERROR_NOT_FOUND)
			return -1;
		err->code = ERROR_REFUSED;
		return error_context(err, "mix-and-match attack");
	}
	metadata_free(client->trust.targets);
	client->trust.targets = targets;
	return 0;
}

int tuf_client_refresh(struct tuf_client *client, struct error *err)
{
	struct error own;

	err = err ? err : &own; /* decisions below look at its code */
	begin(client);
	if (update_root(client, err) < 0 ||	     /* 5.3: a chain of roots, each signed by the one before */
		update_timestamp(client, err) < 0 || /* 5.4: which snapshot is current */
		update_snapshot(client, err) < 0 ||  /* 5.5: which version of every role is current */
		update_targets(client, err) < 0)     /* 5.6: what there is */
		return -1;
	return tuf_trust_vouch_own_times(&client->trust, err);
}

static int obtain_for_search(
	void *context, const struct tuf_reached *reached, struct metadata **ret_targets, struct error *err)
{
	return obtain_targets(context, reached, ret_targets, err);
}

int tuf_client_find(struct tuf_client *client, const char *path, struct tuf_target *ret_target, struct error *err)
{
	struct error own;

	err = err ? err : &own;
	if (!client->trust.targets)
		return error_set(err, ERROR_USAGE, "a target is asked for before a refresh");
	begin(client);
	return tuf_search(client->trust.targets, tuf_root_is_consistent(client->trust.root), path, obtain_for_search,
		client, ret_target, err);
}

int tuf_client_fetch(struct tuf_client *client, const char *targets_url, const struct tuf_target *target,
	struct buf *ret_bytes, struct error *err)
{
	AUTO(buf) struct buf url = BUF_INIT(2 * TUF_PATH_MAX_BYTES);
	AUTO(buf) struct buf bytes = BUF_INIT(ret_bytes->limit - ret_bytes->len);
	struct transport_reply reply = {0};
	struct error own;

	err = err ? err : &own;
	if (target->length > bytes.limit)
		return error_set(err, ERROR_REFUSED, "target '%.200s' has %" PRIu64 " bytes; %zu are allowed here",
			target->path, target->length, bytes.limit);
	bytes.limit = (size_t)target->length;
	if (tuf_url_join(targets_url, target->url_path, &url, err) < 0)
		return -1;
	if (transport_get_bytes(client->transport, url.data, 0, &bytes, &reply, err) < 0)
		return fetch_failed(err);
	if (tuf_content_verify(&target->content, buf_text(&bytes), bytes.len, err) < 0) {
		if (!transport_is_strange(buf_text(&bytes), bytes.len))
			return error_context(err, "arbitrary software attack: target '%.200s'", target->path);
		err->code = ERROR_STRANGER;
		return error_context(err, "something else came in place of target '%.200s'", target->path);
	}
	return buf_append(ret_bytes, buf_text(&bytes), bytes.len, err);
}

/* ---- Documents that stand in no snapshot ---- */

/* Those who sign for ROLE, borrowed from the trusted targets. */
static int find_signers(const struct tuf_client *client, const char *role, const char *path,
	struct metadata_signers *ret_signers, struct error *err)
{
	AUTO(tuf_delegations) struct tuf_delegations found = {0};

	if (!client->trust.targets)
		return error_set(err, ERROR_USAGE, "'%s' is asked for before a refresh", role);
	if (tuf_targets_delegations(client->trust.targets, path, &found, err) < 0)
		return -1;
	for (size_t i = 0; i < found.count; i++)
		if (strcmp(found.list[i].role, role) == 0) {
			*ret_signers = found.list[i].signers;
			return 0;
		}
	return error_set(err, ERROR_NOT_FOUND, "the repository has no role '%s'", role);
}

static int check_statement(
	const struct metadata_signers *signers, const char *role, const void *data, size_t len, struct error *err)
{
	AUTO(metadata) struct metadata *statement = NULL;

	if (metadata_parse(data, len, role, "targets", &statement, err) < 0)
		return -1;
	return metadata_verify(statement, signers, "targets", err);
}

int tuf_client_check_statement(struct tuf_client *client, const char *role, const char *path, const void *data,
	size_t len, struct error *err)
{
	struct metadata_signers signers;

	if (find_signers(client, role, path, &signers, err) < 0)
		return -1;
	return check_statement(&signers, role, data, len, err);
}

int tuf_client_fetch_statement(
	struct tuf_client *client, const char *role, const char *path, struct buf *ret_bytes, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(ret_bytes->limit - ret_bytes->len);
	struct transport_reply reply = {0};
	struct metadata_signers signers;
	struct error own;

	err = err ? err : &own;
	if (find_signers(client, role, path, &signers, err) < 0)
		return -1;
	begin(client);
	if (fetch_metadata(client, role, 0, &bytes, &reply, err) < 0)
		return fetch_failed(err);
	if (check_statement(&signers, role, buf_text(&bytes), bytes.len, err) < 0)
		return -1;
	return buf_append(ret_bytes, buf_text(&bytes), bytes.len, err);
}

int tuf_client_vouch_time(struct tuf_client *client, int64_t time_s, struct error *err)
{
	return tuf_trust_vouch_time(&client->trust, time_s, err);
}

int64_t tuf_client_now_s(const struct tuf_client *client)
{
	return tuf_trust_now_s(&client->trust);
}

static const struct metadata *trusted_role(const struct tuf_client *client, const char *role)
{
	if (strcmp(role, "root") == 0)
		return client->trust.root;
	if (strcmp(role, "timestamp") == 0)
		return client->trust.timestamp;
	if (strcmp(role, "snapshot") == 0)
		return client->trust.snapshot;
	return strcmp(role, "targets") == 0 ? client->trust.targets : NULL;
}

int64_t tuf_client_version(const struct tuf_client *client, const char *role, int64_t *ret_expires_s)
{
	const struct metadata *metadata = trusted_role(client, role);

	if (!metadata)
		return 0;
	if (ret_expires_s)
		*ret_expires_s = metadata->expires_s;
	return metadata->version;
}
