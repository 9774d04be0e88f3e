#include "tools/audit/audit_release.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/log.h"
#include "common/transport.h"
#include "manifests/base/package.h"
#include "manifests/tuf/tuf_client.h"

#define BASE "certificate:/"

/* Answers with what stands in the certificate. */
static int get(struct transport *transport, const struct transport_request *request, transport_sink *sink,
	void *sink_context, struct transport_reply *ret_reply, struct error *err)
{
	const json_t *metadata = transport->context;
	const char *name = request->url + strlen(BASE);
	const json_t *text = strncmp(request->url, BASE, strlen(BASE)) == 0 ? json_object_get(metadata, name) : NULL;

	*ret_reply = (struct transport_reply){.http_status = 404};
	if (!json_is_string(text))
		return error_set(err, ERROR_NOT_FOUND, "the certificate lacks '%.128s'", name);
	if (json_string_length(text) > request->limit)
		return error_set(err, ERROR_REFUSED, "'%.128s' is too large", name);
	ret_reply->http_status = 200;
	ret_reply->bytes = json_string_length(text);
	return sink(sink_context, json_string_value(text), json_string_length(text), err);
}

struct place {
	struct fs fs;
	char path[64];
	int dir_fd;
};

/* The client keeps what it trusts in a folder, which lives as long as the check. */
static int place_open(struct place *place, struct error *err)
{
	const char *base = getenv("TMPDIR");

	fs_init(&place->fs);
	place->dir_fd = -1;
	if (snprintf(place->path, sizeof(place->path), "%s/haishin-audit-XXXXXX", base && *base ? base : "/tmp") >=
		(int)sizeof(place->path))
		return error_set(err, ERROR_USAGE, "TMPDIR is too long a name");
	if (!mkdtemp(place->path)) {
		*place->path = '\0';
		return error_system(err, errno, "cannot make a folder for the check");
	}
	return (place->dir_fd = fs_open_dir(&place->fs, AT_FDCWD, place->path, err)) < 0 ? -1 : 0;
}

static void place_close(struct place *place)
{
	if (place->dir_fd >= 0)
		(void)close(place->dir_fd);
	if (*place->path && fs_remove_tree(&place->fs, AT_FDCWD, place->path, NULL) < 0)
		return;
}
DEFINE_AUTO(place, struct place, place_close);

static int find(const struct env *env, int dir_fd, int64_t at_s, const char *path, struct tuf_target *ret_target,
	struct error *err)
{
	struct tuf_client_options options = {
		.metadata_dir_fd = dir_fd,
		.metadata_url = BASE,
		.start_time_s = at_s,
	};
	AUTO(tuf_client) struct tuf_client *client = NULL;

	if (tuf_client_open(env, &options, &client, err) < 0 || tuf_client_refresh(client, err) < 0)
		return -1;
	return tuf_client_find(client, path, ret_target, err);
}

int audit_release_find(const json_t *metadata, const struct buf *root, int64_t at_s, const char *package,
	const char *version, struct sha256 *ret_digest, char ret_role[static AUDIT_ROLE_SIZE], struct error *err)
{
	struct transport transport = {.ask = get, .context = (void *)metadata};
	AUTO(place) struct place place = {.dir_fd = -1};
	AUTO(tuf_target) struct tuf_target target = {0};
	char path[PACKAGE_TARGET_SIZE];
	struct clock clock;
	struct log log;
	struct env env;

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	log_init(&log, "haishin-audit");
	if (package_check_name(package, err) < 0 || version_check(version, err) < 0 || place_open(&place, err) < 0 ||
		tuf_client_init(&place.fs, place.dir_fd, buf_text(root), root->len, err) < 0)
		return -1;
	env = (struct env){.clock = &clock, .fs = &place.fs, .transport = &transport, .log = &log};
	package_release_target(package, version, path);
	if (find(&env, place.dir_fd, at_s, path, &target, err) < 0)
		return -1;
	if (!target.has_sha256)
		return error_set(err, ERROR_REFUSED, "the metadata gives no SHA-256 of '%s'", path);
	*ret_digest = target.sha256;
	(void)snprintf(ret_role, AUDIT_ROLE_SIZE, "%s", target.role);
	return 0;
}
