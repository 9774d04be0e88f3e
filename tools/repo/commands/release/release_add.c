#include "tools/repo/commands/release/release_add.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "manifests/release/release.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/keys/keyring.h"
#include "tools/repo/metadata/documents.h"
#include "tools/repo/metadata/roles.h"
#include "tools/repo/metadata/signing.h"
#include "tools/repo/metadata/target_file.h"
#include "tools/repo/release/payload.h"

/* A release as `pack` left it: its JSON, and the folder where its other files are. */
struct packed {
	struct release *release;
	struct buf json;
	char target[PACKAGE_TARGET_SIZE];
	int folder_fd;
};

static void packed_clear(struct packed *packed)
{
	release_free(packed->release);
	buf_clear(&packed->json);
	if (packed->folder_fd > 0)
		(void)close(packed->folder_fd);
}
DEFINE_AUTO(packed, struct packed, packed_clear);

static int read_packed(const struct tool *tool, const char *path, struct packed *packed, struct error *err)
{
	const char *slash = strrchr(path, '/');
	AUTO(free) char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	packed->json = (struct buf)BUF_INIT(RELEASE_MAX_BYTES);
	if (fs_read_file(tool->fs, AT_FDCWD, path, &packed->json, err) < 0)
		return -1;
	if (release_parse(packed->json.data, packed->json.len, &packed->release, err) < 0)
		return error_context(err, "%s", path);
	package_release_target(packed->release->package, packed->release->version, packed->target);
	return folder && (packed->folder_fd = fs_open_dir(tool->fs, AT_FDCWD, folder, err)) >= 0 ? 0 : -1;
}

/* 5.1 and 5.1.0 are one version to every terminal: who runs the one would never take the other. */
static int check_version(const json_t *body, const struct packed *packed, struct error *err)
{
	const char *path, *ours = packed->release->version;
	const json_t *target;

	json_object_foreach ((json_t *)json_object_get(body, "targets"), path, target) {
		const json_t *about = json_object_get(json_object_get(target, "custom"), "haishin");
		const char *package = json_string_value(json_object_get(about, "package"));
		const char *version = json_string_value(json_object_get(about, "version"));

		if (package && version && strcmp(package, packed->release->package) == 0 &&
			strcmp(version, ours) != 0 && version_check(version, NULL) == 0 &&
			version_compare(version, ours) == 0)
			return error_set(err, ERROR_REFUSED,
				"%s %s is the same version to terminals as %s, which is there already; give it a "
				"higher one",
				package, ours, version);
	}
	return 0;
}

/* The same version with other bytes would be two releases under one name. */
static int check_is_new(const json_t *body, const struct packed *packed, struct error *err)
{
	struct sha256 there;
	struct sha256 ours;

	sha256_of(packed->json.data, packed->json.len, &ours);
	if (roles_target_digest(body, packed->target, &there) && !sha256_equal(&there, &ours))
		return error_set(err, ERROR_REFUSED,
			"%s %s is there already with other content; a changed release needs a new version",
			packed->release->package, packed->release->version);
	return check_version(body, packed, err);
}

static int put_target(const struct workspace *workspace, json_t *body, const struct packed *packed, int fd,
	const char *path, const char *kind, struct error *err)
{
	struct roles_target target = {
		.path = path, .kind = kind, .package = packed->release->package, .version = packed->release->version};

	if (target_file_stage(workspace, fd, path, &target.length, &target.sha256, err) < 0)
		return -1;
	return roles_put_target(body, &target, err);
}

static int put_payload(
	const struct workspace *workspace, json_t *body, const struct packed *packed, struct error *err)
{
	const struct release *release = packed->release;
	AUTO(fd)
	int fd = fs_open(workspace->fs, packed->folder_fd, strrchr(release->payload_target, '/') + 1, O_RDONLY, err);
	struct stat st;

	if (fd < 0)
		return error_context(err, "the payload must stand beside the release");
	if (fstat(fd, &st) < 0)
		return error_system(err, errno, "cannot look at the payload");
	if ((uint64_t)st.st_size != release->payload_length)
		return error_set(err, ERROR_REFUSED, "the payload has %lld bytes, not the %llu of its release",
			(long long)st.st_size, (unsigned long long)release->payload_length);
	if (payload_check(fd, release, err) < 0)
		return error_context(err, "payload");
	return put_target(workspace, body, packed, fd, release->payload_target, "payload", err);
}

struct adding {
	const struct workspace *workspace;
	json_t *body;
	const struct packed *packed;
};

/* "STEM-VERSION-from-OLD.delta" or ".delta3". */
static bool is_delta_of(const struct packed *packed, const char *name)
{
	const char *release = strrchr(packed->target, '/') + 1;
	size_t stem = strlen(release) - strlen(".json");
	const char *end = strrchr(name, '.');

	return strlen(name) >= stem + strlen("-from-0.delta") && strncmp(name, release, stem) == 0 &&
	       strncmp(name + stem, "-from-", 6) == 0 && (strcmp(end, ".delta") == 0 || strcmp(end, ".delta3") == 0);
}

static int put_delta(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct adding *adding = context;
	char path[2 * PACKAGE_TARGET_SIZE];
	AUTO(fd) int fd = -1;

	if (!is_delta_of(adding->packed, name))
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", adding->packed->release->package, name) >= (int)sizeof(path))
		return error_set(err, ERROR_INPUT, "the name '%s' is too long for a target", name);
	if ((fd = fs_open(adding->workspace->fs, dir_fd, name, O_RDONLY, err)) < 0)
		return -1;
	return put_target(adding->workspace, adding->body, adding->packed, fd, path, "delta", err);
}

/* All that stand beside the release. */
static int put_deltas(const struct workspace *workspace, json_t *body, const struct packed *packed, struct error *err)
{
	struct adding adding = {.workspace = workspace, .body = body, .packed = packed};

	return fs_each(workspace->fs, packed->folder_fd, ".", put_delta, &adding, err) < 0
		       ? error_context(err, "deltas beside the release")
		       : 0;
}

static int put_release(
	const struct workspace *workspace, json_t *body, const struct packed *packed, struct error *err)
{
	AUTO(fd) int fd = fs_open(workspace->fs, packed->folder_fd, strrchr(packed->target, '/') + 1, O_RDONLY, err);

	return fd < 0 ? -1 : put_target(workspace, body, packed, fd, packed->target, "release", err);
}

static int open_role(const struct workspace *workspace, const char *package, json_t **ret_body, struct error *err)
{
	AUTO(authority) struct authority authority = {0};
	char role[PACKAGE_NAME_SIZE];

	package_role(package, role);
	if (authority_find(&authority, workspace, role, false, err) < 0)
		return err->code == ERROR_NOT_FOUND
			       ? error_set(err, ERROR_NOT_FOUND,
					 "package '%s' is delegated to nobody; \"haishin-repo delegate %s\" first",
					 package, package)
			       : -1;
	if (documents_edit(workspace, role, ret_body, err) < 0)
		return -1;
	if (*ret_body)
		return 0;
	*ret_body = documents_new_body("targets");
	if (!*ret_body || json_object_set_new(*ret_body, "targets", json_object()) < 0)
		return error_set(err, ERROR_FAILED, "no memory for metadata");
	return 0;
}

int release_add(const struct tool *tool, const struct workspace *workspace, struct keyring *keyring, const char *path,
	struct release_added *ret_added, struct error *err)
{
	AUTO(packed) struct packed packed = {.folder_fd = -1};
	AUTO(json) json_t *body = NULL;
	char role[PACKAGE_NAME_SIZE];

	if (read_packed(tool, path, &packed, err) < 0)
		return -1;
	package_role(packed.release->package, role);
	if (open_role(workspace, packed.release->package, &body, err) < 0 || check_is_new(body, &packed, err) < 0 ||
		signing_open_keys_of(workspace, role, false, keyring, err) < 0)
		return -1;
	if (put_payload(workspace, body, &packed, err) < 0 || put_deltas(workspace, body, &packed, err) < 0 ||
		put_release(workspace, body, &packed, err) < 0)
		return error_context(err, "%s %s", packed.release->package, packed.release->version);
	if (documents_stage(workspace, role, body, err) < 0 ||
		signing_staged(workspace, role, keyring, &ret_added->missing, err) < 0)
		return -1;
	(void)snprintf(ret_added->package, sizeof(ret_added->package), "%s", packed.release->package);
	(void)snprintf(ret_added->version, sizeof(ret_added->version), "%s", packed.release->version);
	return 0;
}
