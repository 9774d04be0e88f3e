#include "agent/base/places.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/text.h"

#define ASIDE ".aside-"
#define MOST_SET_ASIDE 99
#define HAVE_THEIR_READER "state.db terminal.key"

struct clearing {
	const struct env *env;
	bool holds_files_only; /* else the names of files are those with a dot */
};

static bool is_for_a_file(const struct clearing *clearing, const char *name)
{
	return !strstr(name, ASIDE) && !text_holds_word(HAVE_THEIR_READER, name) &&
	       (clearing->holds_files_only || strchr(name, '.'));
}

static int set_aside(struct fs *fs, int dir_fd, const char *name, struct error *err)
{
	char aside[NAME_MAX + 1];

	for (int number = 1; number <= MOST_SET_ASIDE; number++) {
		if (snprintf(aside, sizeof(aside), "%s" ASIDE "%d", name, number) >= (int)sizeof(aside))
			break;
		if (!fs_exists(fs, dir_fd, aside))
			return fs_rename(fs, dir_fd, name, aside, err);
	}
	return error_set(err, ERROR_FAILED, "there is no name left for it");
}

static int clear_one(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct clearing *clearing = context;
	struct error why = {0};
	struct stat st;

	(void)err;
	if (!is_for_a_file(clearing, name) || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!S_ISDIR(st.st_mode))
		return 0;
	if (set_aside(clearing->env->fs, dir_fd, name, &why) < 0)
		log_line(clearing->env->log, LOG_LEVEL_ERROR, "'%s' of the state is a folder, and stays: %s", name,
			why.text);
	else
		log_line(clearing->env->log, LOG_LEVEL_ERROR,
			"'%s' of the state was a folder: it is kept as '%s" ASIDE "*'", name, name);
	return 0;
}

static void clear_folder(const struct env *env, const char *above, const char *name, bool holds_files_only)
{
	struct clearing clearing = {.env = env, .holds_files_only = holds_files_only};
	char path[PATH_MAX];
	struct error why = {0};

	if (snprintf(path, sizeof(path), "%s%s%s", above, *name ? "/" : "", name) < (int)sizeof(path) &&
		fs_each(env->fs, AT_FDCWD, path, clear_one, &clearing, &why) < 0 && why.sys != ENOENT)
		log_line(env->log, LOG_LEVEL_WARNING, "%s, ignored", why.text);
}

void places_clear(const struct env *env, const struct config *config)
{
	clear_folder(env, config->state_path, "", false);
	clear_folder(env, config->state_path, "looks", true);
	if (strcmp(config->environment_path, config->state_path) != 0)
		clear_folder(env, config->environment_path, "", false);
	clear_folder(env, config->environment_path, "tuf", true);
}
