#include "updater/tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/platform.h"

#define FOLDER_MODE_UNTIL_DONE 0700
#define CHUNK (256u << 10)

void tree_init(struct tree *tree, struct fs *fs, int root_fd)
{
	*tree = (struct tree){.fs = fs, .root_fd = root_fd, .parent_fd = -1};
}

void tree_clear(struct tree *tree)
{
	fd_close(&tree->parent_fd);
	tree->parent_fd = -1;
}

/* The folder that PATH is in, kept open for the next file of the same folder, and its last component. */
static int open_parent(struct tree *tree, const char *path, const char **ret_name, struct error *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	*ret_name = slash ? slash + 1 : path;
	if (len >= sizeof(tree->parent))
		return error_set(err, ERROR_DAMAGED, "path '%.80s...' is too long", path);
	if (tree->parent_fd >= 0 && strlen(tree->parent) == len && memcmp(tree->parent, path, len) == 0)
		return tree->parent_fd;
	tree_clear(tree);
	memcpy(tree->parent, path, len);
	tree->parent[len] = '\0';
	tree->parent_fd = platform_open_below(tree->root_fd, len ? tree->parent : ".", O_RDONLY | O_DIRECTORY, err);
	return tree->parent_fd;
}

/* Whatever a release says: no bit that lends its owner's rights, nor any other beyond the permissions. */
static int check_mode(const struct release_file *file, struct error *err)
{
	if (file->mode & ~0777u)
		return error_set(err, ERROR_REFUSED, "'%s' has the mode %04o, and only permissions are ever set",
			file->path, file->mode);
	return 0;
}

int tree_create_file(struct tree *tree, const struct release_file *file, struct error *err)
{
	const char *name;
	int parent_fd, fd;

	if (check_mode(file, err) < 0)
		return -1;
	if ((parent_fd = open_parent(tree, file->path, &name, err)) < 0 ||
		(fd = fs_create(tree->fs, parent_fd, name, file->mode, err)) < 0)
		return error_context(err, "'%s'", file->path);
	return fd;
}

int tree_open_file(
	struct tree *tree, const char *path, int flags, uint64_t *ret_size, uint32_t *ret_mode, struct error *err)
{
	AUTO(fd) int fd = -1;
	struct stat st;

	if ((fd = platform_open_below(tree->root_fd, path, flags | O_NOFOLLOW | O_NONBLOCK, err)) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return error_system(err, errno, "cannot look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_DAMAGED, "'%s' is not a file", path);
	if (ret_size)
		*ret_size = (uint64_t)st.st_size;
	if (ret_mode)
		*ret_mode = st.st_mode & 07777;
	return take_fd(&fd);
}

int tree_set_file_mode(struct tree *tree, int fd, const struct release_file *file, struct error *err)
{
	return check_mode(file, err) < 0 ? -1 : fs_set_mode(tree->fs, fd, file->path, file->mode, err);
}

int tree_make_folder(struct tree *tree, const struct release_file *folder, struct error *err)
{
	const char *name;
	int parent_fd;

	if ((parent_fd = open_parent(tree, folder->path, &name, err)) < 0 ||
		fs_make_dirs(tree->fs, parent_fd, name, FOLDER_MODE_UNTIL_DONE, err) < 0)
		return error_context(err, "'%s'", folder->path);
	return 0;
}

int tree_make_link(struct tree *tree, const struct release_file *link, struct error *err)
{
	const char *name;
	int parent_fd;

	if ((parent_fd = open_parent(tree, link->path, &name, err)) < 0 ||
		fs_make_link(tree->fs, parent_fd, name, link->link, err) < 0)
		return error_context(err, "'%s'", link->path);
	return 0;
}

int tree_set_folder_mode(struct tree *tree, const struct release_file *folder, struct error *err)
{
	AUTO(fd) int fd = -1;

	if (check_mode(folder, err) < 0 ||
		(fd = platform_open_below(tree->root_fd, folder->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, err)) < 0)
		return -1;
	return fs_set_mode(tree->fs, fd, folder->path, folder->mode, err);
}

int tree_remove(struct tree *tree, const char *path, struct error *err)
{
	const char *name;
	int parent_fd;

	if ((parent_fd = open_parent(tree, path, &name, err)) < 0 ||
		fs_remove_tree(tree->fs, parent_fd, name, err) < 0)
		return error_context(err, "'%s'", path);
	return 0;
}

static mode_t type_of(const struct release_file *file)
{
	return file->type == RELEASE_FOLDER ? S_IFDIR : file->type == RELEASE_LINK ? S_IFLNK : S_IFREG;
}

static int check_link_target(
	struct tree *tree, int parent_fd, const char *name, const struct release_file *file, struct error *err)
{
	AUTO(buf) struct buf target = BUF_INIT(RELEASE_PATH_SIZE);

	if (fs_read_link(tree->fs, parent_fd, name, &target, err) < 0)
		return -1;
	if (strcmp(buf_text(&target), file->link) != 0)
		return error_set(err, ERROR_DAMAGED, "link '%s' points to '%s' instead of '%s'", file->path,
			buf_text(&target), file->link);
	return 0;
}

int tree_look_at(struct tree *tree, const char *path, struct stat *ret_st, struct error *err)
{
	const char *name;
	int parent_fd = open_parent(tree, path, &name, err);

	if (parent_fd < 0)
		return -1;
	if (fstatat(parent_fd, name, ret_st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return errno == ENOENT ? error_set(err, ERROR_NOT_FOUND, "'%s' is missing", path)
			       : error_system(err, errno, "cannot look at '%s'", path);
}

int tree_check_entry(struct tree *tree, const struct release_file *file, struct error *err)
{
	const char *name;
	struct stat st;
	int parent_fd;

	if ((parent_fd = open_parent(tree, file->path, &name, err)) < 0)
		return err && err->code == ERROR_NOT_FOUND
			       ? error_set(err, ERROR_DAMAGED, "the folder of '%s' is missing", file->path)
			       : -1;
	if (fstatat(parent_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? error_set(err, ERROR_DAMAGED, "'%s' is missing", file->path)
				       : error_system(err, errno, "cannot look at '%s'", file->path);
	if ((st.st_mode & S_IFMT) != type_of(file))
		return error_set(err, ERROR_DAMAGED, "'%s' is not the kind of file the release says", file->path);
	if (file->type == RELEASE_LINK)
		return check_link_target(tree, parent_fd, name, file, err);
	if ((st.st_mode & 07777) != file->mode)
		return error_set(err, ERROR_DAMAGED, "'%s' has mode %04o instead of %04o", file->path,
			(unsigned)st.st_mode & 07777, file->mode);
	if (file->type == RELEASE_FILE && (uint64_t)st.st_size != file->size)
		return error_set(err, ERROR_DAMAGED, "'%s' has %llu bytes instead of %llu", file->path,
			(unsigned long long)st.st_size, (unsigned long long)file->size);
	return 0;
}

int tree_digest_file(int fd, const char *path, uint64_t len, struct digest *digest, struct error *err)
{
	AUTO(free) uint8_t *chunk = NULL;
	uint64_t at = 0;

	if (len && !(chunk = malloc(CHUNK)))
		return error_set(err, ERROR_FAILED, "no memory to read '%s'", path);
	while (at < len) {
		ssize_t got = pread(fd, chunk, len - at < CHUNK ? (size_t)(len - at) : CHUNK, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_system(err, errno, "cannot read '%s'", path);
		if (got == 0)
			return error_set(err, ERROR_DAMAGED, "'%s' ends after %llu bytes instead of %llu", path,
				(unsigned long long)at, (unsigned long long)len);
		digest_update(digest, chunk, (size_t)got);
		at += (uint64_t)got;
	}
	return 0;
}

struct walk {
	struct tree *tree;
	tree_visit *visit;
	void *context;
	size_t path_len;
	char path[RELEASE_PATH_SIZE + 256]; /* of the folder that is being read, or of its entry */
};

static int walk_entry(void *context, int dir_fd, const char *name, struct error *err);

/* What WALK's path names, which is NAME in its folder, and what is below it. */
static int walk_named(struct walk *walk, int dir_fd, const char *name, struct error *err)
{
	struct error failed = {0};
	struct stat st;
	int fd;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_system(err, errno, "cannot look at '%s'", walk->path);
	if (walk->visit(walk->context, walk->path, st.st_mode, err) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode))
		return 0;
	if ((fd = fs_open(walk->tree->fs, dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &failed)) < 0)
		return failed.code == ERROR_NOT_FOUND ? 0 : error_set(err, failed.code, "%s", failed.text);
	return fs_each_in(walk->tree->fs, fd, walk->path, walk_entry, walk, err);
}

static int walk_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	struct walk *walk = context;
	size_t above = walk->path_len;
	size_t room = sizeof(walk->path) - above;
	size_t len = (size_t)snprintf(walk->path + above, room, "%s%s", above ? "/" : "", name);
	int ret;

	if (len >= room)
		return error_set(err, ERROR_DAMAGED, "a path below '%.80s' is too long", walk->path);
	walk->path_len = above + len;
	ret = walk_named(walk, dir_fd, name, err);
	walk->path_len = above;
	walk->path[above] = '\0';
	return ret;
}

int tree_walk(struct tree *tree, tree_visit *visit, void *context, struct error *err)
{
	struct walk walk = {.tree = tree, .visit = visit, .context = context};
	int fd = platform_open_below(tree->root_fd, ".", O_RDONLY | O_DIRECTORY, err);

	return fd < 0 ? -1 : fs_each_in(tree->fs, fd, ".", walk_entry, &walk, err);
}
