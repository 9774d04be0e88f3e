#include "ledger/log/ledger_files.h"

#include <string.h>

#define FILE_MODE 0644
#define FOLDER_MODE 0755

static int read_file(void *context, const char *path, struct buf *ret_bytes, struct error *err)
{
	struct ledger_files *files = context;

	return fs_read_file(files->fs, files->dir_fd, path, ret_bytes, err);
}

static int sync_folder(struct ledger_files *files, const char *path, struct error *err)
{
	AUTO(fd) int fd = fs_open_dir(files->fs, files->dir_fd, path, err);

	return fd < 0 ? -1 : fs_sync_file(files->fs, fd, path, err);
}

/* Makes folder PATH, whose parent is there, and its name in it durable. */
static int make_folder(struct ledger_files *files, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char parent[TILE_PATH_SIZE];

	if (fs_exists(files->fs, files->dir_fd, path))
		return 0;
	(void)snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	if (fs_make_dirs(files->fs, files->dir_fd, path, FOLDER_MODE, err) < 0)
		return -1;
	return sync_folder(files, parent, err);
}

static int make_folders(struct ledger_files *files, const char *path, struct error *err)
{
	char folder[TILE_PATH_SIZE];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
		if (make_folder(files, folder, err) < 0)
			return -1;
	}
	return 0;
}

static int write_file(void *context, const char *path, const void *data, size_t len, struct error *err)
{
	struct ledger_files *files = context;

	if (make_folders(files, path, err) < 0)
		return -1;
	return fs_write_file(files->fs, files->dir_fd, path, data, len, FILE_MODE, err);
}

void ledger_files_init(struct ledger_files *ret_files, struct fs *fs, int dir_fd)
{
	*ret_files = (struct ledger_files){
		.fs = fs,
		.dir_fd = dir_fd,
		.store = {.read = read_file, .write = write_file, .context = ret_files},
	};
}

void ledger_files_drop_partial(struct ledger_files *files, const struct tile *tile)
{
	char path[TILE_PATH_SIZE];

	tile_partial_folder(tile, path);
	if (fs_exists(files->fs, files->dir_fd, path) && fs_remove_tree(files->fs, files->dir_fd, path, NULL) < 0)
		return;
}
