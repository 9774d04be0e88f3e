#include "manifests/tuf/tuf_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "manifests/tuf/tuf_path.h"

#define LOCK_FILE "lock"

int tuf_store_open(struct tuf_store *store, struct fs *fs, int dir_fd, bool wait, struct error *err)
{
	int lock_fd = fs_lock(fs, dir_fd, LOCK_FILE, wait, err);

	if (lock_fd < 0)
		return error_context(err, "metadata folder");
	*store = (struct tuf_store){.fs = fs, .dir_fd = dir_fd, .lock_fd = lock_fd};
	return 0;
}

void tuf_store_close(struct tuf_store *store)
{
	fd_close(&store->lock_fd);
	*store = (struct tuf_store)TUF_STORE_INIT;
}

int tuf_store_load(struct tuf_store *store, const char *role, struct buf *ret_bytes, struct error *err)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);

	if (tuf_role_file_name(role, &name, err) < 0)
		return -1;
	return fs_read_file(store->fs, store->dir_fd, name.data, ret_bytes, err);
}

/* A file takes the place of whatever stands there, but not of a folder. */
static int drop_folder(struct tuf_store *store, const char *name, struct error *err)
{
	struct stat st;

	if (fstatat(store->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return fs_remove_tree(store->fs, store->dir_fd, name, err);
}

int tuf_store_save(struct tuf_store *store, const char *role, const struct buf *bytes, struct error *err)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);

	if (tuf_role_file_name(role, &name, err) < 0)
		return -1;
	if (drop_folder(store, name.data, err) < 0 ||
		fs_write_file(store->fs, store->dir_fd, name.data, buf_text(bytes), bytes->len, 0644, err) < 0)
		return error_context(err, "cannot keep the metadata of role '%.100s'", role);
	return 0;
}
