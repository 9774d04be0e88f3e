#include "ledger/log/ledger_files.h"

#include <string.h>

#define FILE_MODE 0644
#define FOLDER_MODE 0755

static int read_file(void *context, const char *path, struct buf *ret_bytes, struct error *err)
{
	struct ledger_files *files = context;

	return fs_read_file(files->fs, files->dir_fd, path, ret_bytes, err);
}

/* The folders above PATH. */
static int make_folders(struct ledger_files *files, const char *path, struct error *err)
{
	char folder[TILE_PATH_SIZE];

	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	if (fs_exists(files->fs, files->dir_fd, folder))
		return 0;
	return fs_make_dirs(files->fs, files->dir_fd, folder, FOLDER_MODE, err);
}

static int write_file(void *context, const char *path, const void *data, size_t len, struct error *err)
{
	struct ledger_files *files = context;

	if (make_folders(files, path, err) < 0)
		return -1;
	return fs_write_file_unsynced(files->fs, files->dir_fd, path, data, len, FILE_MODE, err);
}

int ledger_files_sync(struct ledger_files *files, struct error *err)
{
	return fs_sync_tree(files->fs, files->dir_fd, ".", err);
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
