#include "agent/base/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/base/places.h"
#include "agent/store/store_rebuild.h"
#include "common/access/trusted_file.h"
#include "manifests/tuf/tuf_client.h"
#include "manifests/tuf/tuf_root.h"

#define PATH_LIMIT 4096
#define TRUSTED_ROOT "root.json"
#define DAMAGED_ROOT "damaged-root"
#define TRUSTED_ROOT_MAX_BYTES (1u << 20)

#define OPEN_MODE 0755 /* the applications read what is below */
#define PRIVATE_MODE 0700

/* Makes the folder where it is missing, those above it for everybody. The mode holds whatever the umask is; a private
 * folder that others can enter is closed to them. */
static int make_folder(struct fs *fs, const char *path, mode_t mode, struct error *err)
{
	AUTO(fd) int fd = -1;
	char above[PATH_LIMIT];
	const char *slash = strrchr(path, '/');
	bool is_new = !fs_exists(fs, AT_FDCWD, path);
	struct stat st;

	if (snprintf(above, sizeof(above), "%.*s", slash ? (int)(slash - path) : 0, path) >= (int)sizeof(above))
		return error_set(err, ERROR_INPUT, "path of %zu bytes is too long", strlen(path));
	if ((*above && fs_make_dirs(fs, AT_FDCWD, above, OPEN_MODE, err) < 0) ||
		fs_make_dirs(fs, AT_FDCWD, path, mode, err) < 0 || (fd = fs_open_dir(fs, AT_FDCWD, path, err)) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return error_system(err, errno, "cannot look at '%s'", path);
	if ((is_new && (st.st_mode & 0777) != mode) || (mode == PRIVATE_MODE && (st.st_mode & 077)))
		return fs_set_mode(fs, fd, path, mode, err);
	return 0;
}

static int open_folder(
	struct fs *fs, const char *above, const char *name, mode_t mode, int *ret_fd, struct error *err)
{
	char path[PATH_LIMIT];

	if (snprintf(path, sizeof(path), "%s%s%s", above, *name ? "/" : "", name) >= (int)sizeof(path))
		return error_set(err, ERROR_INPUT, "path of %zu bytes is too long", strlen(above));
	if (make_folder(fs, path, mode, err) < 0 || (*ret_fd = fs_open_dir(fs, AT_FDCWD, path, err)) < 0)
		return -1;
	return 0;
}

static int open_folders(struct terminal *terminal, struct error *err)
{
	const struct config *config = terminal->config;
	struct fs *fs = terminal->env->fs;

	if (make_folder(fs, config->state_path, PRIVATE_MODE, err) < 0 ||
		open_folder(fs, config->state_path, "boot", PRIVATE_MODE, &terminal->boot_dir_fd, err) < 0 ||
		open_folder(fs, config->environment_path, "tuf", PRIVATE_MODE, &terminal->metadata_dir_fd, err) < 0 ||
		open_folder(fs, config->cache_path, "", PRIVATE_MODE, &terminal->cache_dir_fd, err) < 0 ||
		open_folder(fs, config->packages_path, "", OPEN_MODE, &terminal->packages_dir_fd, err) < 0)
		return -1;
	return make_folder(fs, config->run_path, OPEN_MODE, err);
}

static int open_store(struct terminal *terminal, struct error *err)
{
	const struct env *env = terminal->env;
	char path[PATH_LIMIT];

	if (snprintf(path, sizeof(path), "%s/state.db", terminal->config->state_path) >= (int)sizeof(path))
		return error_set(err, ERROR_INPUT, "path of the state folder is too long");
	if (store_open_or_rebuild(env->fs, path, env->clock, &terminal->store, &terminal->store_set_aside, err) < 0)
		return -1;
	if (terminal->store_set_aside)
		log_line(env->log, LOG_LEVEL_ERROR,
			"the store was damaged: it is kept beside '%s' as state.db.damaged-*, and a new one was made",
			path);
	return 0;
}

/* False where the root that is kept is none, as a disk that lost its power leaves it; WHY says so. */
static bool keeps_sound_root(struct terminal *terminal, struct error *why)
{
	AUTO(buf) struct buf root = BUF_INIT(TRUSTED_ROOT_MAX_BYTES);
	AUTO(metadata) struct metadata *metadata = NULL;

	return fs_read_file(terminal->env->fs, terminal->metadata_dir_fd, TRUSTED_ROOT, &root, why) == 0 &&
	       tuf_root_parse(buf_text(&root), root.len, &metadata, why) == 0 &&
	       tuf_root_verify_self(metadata, why) == 0;
}

static int set_root_aside(struct terminal *terminal, const struct error *why, struct error *err)
{
	if (!fs_exists(terminal->env->fs, terminal->metadata_dir_fd, TRUSTED_ROOT))
		return 0;
	log_line(terminal->env->log, LOG_LEVEL_ERROR,
		"the trusted root %s/tuf/" TRUSTED_ROOT " is damaged (%s): it is kept beside as " DAMAGED_ROOT
		", and the shipped root leads on",
		terminal->config->environment_path, why->text);
	if (fs_remove_tree(terminal->env->fs, terminal->metadata_dir_fd, DAMAGED_ROOT, err) < 0)
		return -1;
	return fs_rename(terminal->env->fs, terminal->metadata_dir_fd, TRUSTED_ROOT, DAMAGED_ROOT, err);
}

/* The shipped root is read first: where it is missing, a damaged one stays where it was. */
static int trust_shipped_root(struct terminal *terminal, struct error *err)
{
	AUTO(buf) struct buf root = BUF_INIT(TRUSTED_ROOT_MAX_BYTES);
	const char *path = terminal->config->trusted_root_path;
	struct fs *fs = terminal->env->fs;
	struct error why = {0};

	if (keeps_sound_root(terminal, &why))
		return 0;
	if (trusted_file_read(fs, AT_FDCWD, path, &root, err) < 0)
		return error_context(err, "no trusted root: put the root.json of your distribution server's operator "
					  "there ([paths] trusted_root)");
	if (set_root_aside(terminal, &why, err) < 0)
		return -1;
	if (tuf_client_init(fs, terminal->metadata_dir_fd, buf_text(&root), root.len, err) < 0)
		return error_context(err, "trusted root '%s'", path);
	log_line(terminal->env->log, LOG_LEVEL_INFO, "trusts the root of '%s' from now on", path);
	return 0;
}

int terminal_open(
	const struct env *env, const struct config *config, struct terminal *ret_terminal, struct error *err)
{
	AUTO(terminal) struct terminal terminal = TERMINAL_INIT;

	terminal.env = env;
	terminal.config = config;
	if (open_folders(&terminal, err) < 0)
		return -1;
	places_clear(env, config);
	if (open_store(&terminal, err) < 0 || trust_shipped_root(&terminal, err) < 0)
		return -1;
	*ret_terminal = terminal;
	terminal = (struct terminal)TERMINAL_INIT;
	return 0;
}

int64_t terminal_now_s(const struct terminal *terminal)
{
	return terminal->env->clock->now_s(terminal->env->clock);
}

void terminal_read_link(const struct terminal *terminal, const char *package, const char *link,
	char ret_folder[static VERSIONS_FOLDER_SIZE])
{
	AUTO(buf) struct buf target = BUF_INIT(PATH_LIMIT);
	char path[PATH_LIMIT];
	struct stat st;
	const char *slash;

	ret_folder[0] = '\0';
	(void)snprintf(path, sizeof(path), "%s/%s", package, link);
	if (fs_read_link(terminal->env->fs, terminal->packages_dir_fd, path, &target, NULL) < 0)
		return;
	slash = strrchr(buf_text(&target), '/');
	if (slash && strlen(slash + 1) < VERSIONS_FOLDER_SIZE &&
		fstatat(terminal->packages_dir_fd, path, &st, 0) == 0)
		(void)strcpy(ret_folder, slash + 1);
}

void terminal_close(struct terminal *terminal)
{
	int *const fds[] = {&terminal->boot_dir_fd, &terminal->packages_dir_fd, &terminal->cache_dir_fd,
		&terminal->metadata_dir_fd};

	if (!terminal->env) /* never opened, or closed already */
		return;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fd_close(fds[i]);
	store_close(terminal->store);
	*terminal = (struct terminal)TERMINAL_INIT;
}
