#include "tests/support/folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/fs.h"

static void give_up(const char *what, const char *path)
{
	(void)fprintf(stderr, "test folder: cannot %s '%s'\n", what, path);
	abort();
}

void folder_init(struct folder *folder)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(folder->path, sizeof(folder->path), "%s/haishin-test-XXXXXX", base ? base : "/tmp");
	if (!mkdtemp(folder->path))
		give_up("make", folder->path);
	if ((folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		give_up("open", folder->path);
}

void folder_clear(struct folder *folder)
{
	struct fs fs;

	fs_init(&fs);
	(void)close(folder->fd);
	if (fs_remove_tree(&fs, AT_FDCWD, folder->path, NULL) < 0)
		give_up("remove", folder->path);
}

static void put(const struct folder *folder, const char *path, const void *data, size_t len, mode_t mode)
{
	char above[FOLDER_PATH_SIZE];
	const char *slash = strrchr(path, '/');
	struct fs fs;

	fs_init(&fs);
	if (slash) {
		(void)snprintf(above, sizeof(above), "%.*s", (int)(slash - path), path);
		if (fs_make_dirs(&fs, folder->fd, above, 0755, NULL) < 0)
			give_up("make", above);
	}
	if (fs_write_file(&fs, folder->fd, path, data, len, mode, NULL) < 0)
		give_up("write", path);
}

void folder_put(const struct folder *folder, const char *path, const void *data, size_t len)
{
	put(folder, path, data, len, 0644);
}

void folder_put_secret(const struct folder *folder, const char *path, const char *text)
{
	put(folder, path, text, strlen(text), 0600);
}

char *folder_get(const struct folder *folder, const char *path, size_t *ret_len)
{
	struct buf bytes = BUF_INIT(256u << 20);
	struct fs fs;

	fs_init(&fs);
	if (fs_read_file(&fs, folder->fd, path, &bytes, NULL) < 0) {
		buf_clear(&bytes);
		return NULL;
	}
	if (!bytes.data && buf_append(&bytes, "", 0, NULL) < 0)
		give_up("read", path);
	if (ret_len)
		*ret_len = bytes.len;
	return bytes.data;
}
