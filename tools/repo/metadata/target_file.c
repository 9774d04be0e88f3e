#include "tools/repo/metadata/target_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/auto.h"
#include "tools/repo/metadata/roles.h"

#define PATH_SIZE (ROLES_TARGET_FILE_SIZE + 32)
#define COPY_BYTES 65536
#define INCOMING WORKSPACE_STAGED "/.incoming"

/* The staged path of a target file, with its folder made. RET_PUBLISHED tells that it needs no staging. */
static int staged_path(const struct workspace *workspace, const char *path, const struct sha256 *digest,
	char ret_path[static PATH_SIZE], bool *ret_published, struct error *err)
{
	char file[ROLES_TARGET_FILE_SIZE];
	char published[PATH_SIZE];
	char folder[PATH_SIZE];

	roles_target_file(path, digest, file);
	(void)snprintf(published, sizeof(published), WORKSPACE_TARGETS "/%s", file);
	(void)snprintf(ret_path, PATH_SIZE, WORKSPACE_STAGED_TARGETS "/%s", file);
	*ret_published = fs_exists(workspace->fs, workspace->dir_fd, published);
	memcpy(folder, ret_path, PATH_SIZE);
	*strrchr(folder, '/') = '\0';
	return fs_make_dirs(workspace->fs, workspace->dir_fd, folder, 0755, err);
}

static int copy_bytes(const struct workspace *workspace, int from_fd, int to_fd, uint64_t *ret_length,
	struct sha256 *ret_digest, struct error *err)
{
	AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256, err);
	char chunk[COPY_BYTES];
	ssize_t got;

	if (!digest)
		return -1;
	*ret_length = 0;
	while ((got = pread(from_fd, chunk, sizeof(chunk), (off_t)*ret_length)) > 0) {
		digest_update(digest, chunk, (size_t)got);
		if (fs_write(workspace->fs, to_fd, INCOMING, chunk, (size_t)got, err) < 0)
			return -1;
		*ret_length += (uint64_t)got;
	}
	if (got < 0)
		return error_system(err, errno, "cannot read a target file");
	digest_finish(digest, ret_digest->bytes);
	return fs_sync_file(workspace->fs, to_fd, INCOMING, err);
}

int target_file_stage(const struct workspace *workspace, int from_fd, const char *path, uint64_t *ret_length,
	struct sha256 *ret_digest, struct error *err)
{
	AUTO(fd) int to_fd = -1;
	char to[PATH_SIZE];
	bool published;

	if (fs_remove(workspace->fs, workspace->dir_fd, INCOMING, err) < 0 ||
		(to_fd = fs_create(workspace->fs, workspace->dir_fd, INCOMING, 0644, err)) < 0 ||
		copy_bytes(workspace, from_fd, to_fd, ret_length, ret_digest, err) < 0 ||
		staged_path(workspace, path, ret_digest, to, &published, err) < 0)
		return error_context(err, "%s", path);
	if (published)
		return fs_remove(workspace->fs, workspace->dir_fd, INCOMING, err);
	return fs_rename(workspace->fs, workspace->dir_fd, INCOMING, to, err);
}

int target_file_stage_bytes(const struct workspace *workspace, const struct buf *bytes, const char *path,
	struct sha256 *ret_digest, struct error *err)
{
	char to[PATH_SIZE];
	bool published;

	sha256_of(bytes->data, bytes->len, ret_digest);
	if (staged_path(workspace, path, ret_digest, to, &published, err) < 0)
		return -1;
	return published ? 0
			 : fs_write_file(workspace->fs, workspace->dir_fd, to, bytes->data, bytes->len, 0644, err);
}

int target_file_read(const struct workspace *workspace, const char *path, const struct sha256 *digest,
	struct buf *ret_bytes, struct error *err)
{
	char file[ROLES_TARGET_FILE_SIZE];
	char full[PATH_SIZE];

	roles_target_file(path, digest, file);
	(void)snprintf(full, sizeof(full), WORKSPACE_STAGED_TARGETS "/%s", file);
	if (!fs_exists(workspace->fs, workspace->dir_fd, full))
		(void)snprintf(full, sizeof(full), WORKSPACE_TARGETS "/%s", file);
	return fs_read_file(workspace->fs, workspace->dir_fd, full, ret_bytes, err);
}

int target_file_drop_staged(
	const struct workspace *workspace, const char *path, const struct sha256 *digest, struct error *err)
{
	char file[ROLES_TARGET_FILE_SIZE];
	char full[PATH_SIZE];

	roles_target_file(path, digest, file);
	(void)snprintf(full, sizeof(full), WORKSPACE_STAGED_TARGETS "/%s", file);
	return fs_remove(workspace->fs, workspace->dir_fd, full, err);
}
