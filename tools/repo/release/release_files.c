#include "tools/repo/release/release_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/json.h"
#include "tools/repo/release/payload.h"
#include "tools/repo/release/unarchive.h"

void release_files_clear(struct release_files *files)
{
	struct error ignored;

	fd_close(&files->dir_fd);
	if (*files->unpacked)
		(void)!fs_remove_tree(files->fs, files->beside_fd, files->unpacked, &ignored);
	fd_close(&files->beside_fd);
	release_free(files->release);
	buf_clear(&files->json);
	free(files->beside);
	*files = (struct release_files)RELEASE_FILES_INIT(files->fs);
}

int release_files_read(struct release_files *files, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');

	files->beside = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	if (!files->beside)
		return error_set(err, ERROR_FAILED, "no memory");
	if (fs_read_file(files->fs, AT_FDCWD, path, &files->json, err) < 0)
		return -1;
	if (release_parse(files->json.data, files->json.len, &files->release, err) < 0)
		return error_context(err, "%s", path);
	sha256_of(files->json.data, files->json.len, &files->id);
	return (files->beside_fd = fs_open_dir(files->fs, AT_FDCWD, files->beside, err)) < 0 ? -1 : 0;
}

int release_files_unpack(struct release_files *files, struct error *err)
{
	const char *payload = strrchr(files->release->payload_target, '/') + 1;
	AUTO(fd) int payload_fd = -1;
	AUTO(free) char *path = NULL;
	AUTO(json) json_t *members = NULL;
	struct unarchive_options how = {0};

	if ((payload_fd = fs_open(files->fs, files->beside_fd, payload, O_RDONLY, err)) < 0)
		return error_context(err, "the payload must stand beside its release");
	if (payload_check(payload_fd, files->release, err) < 0)
		return error_context(err, "%s", payload);
	if (asprintf(&path, "%s/%s", files->beside, payload) < 0) {
		path = NULL;
		return error_set(err, ERROR_FAILED, "no memory");
	}
	how.most_bytes = files->release->installed_bytes;
	if ((files->dir_fd = fs_make_own_dir(files->fs, files->beside_fd, ".haishin-delta", files->unpacked, err)) <
			0 ||
		unarchive(files->fs, path, &how, files->dir_fd, &members, err) < 0)
		return -1;
	return unarchive_check(members, files->release, err);
}
