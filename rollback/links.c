#include "rollback/links.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/text.h"

#define MOST_SET_ASIDE 99
#define NAME_LIMIT 65

static const char *const links[] = {"current", "previous"};

/* ---- Every package on the disk ---- */

typedef void take_package(void *context, const char *package);

struct walk {
	struct fs *fs;
	take_package *take;
	void *context;
	const char *above; /* the package's first word, such as "reader-app"; "" at the top */
};

static bool is_folder(int dir_fd, const char *path)
{
	struct stat st;

	return fstatat(dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* A package has a folder of versions; what has none may be the first word of several. */
static int walk_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	const struct walk *walk = context;
	struct walk below = *walk;
	char package[2 * NAME_LIMIT], versions[NAME_MAX + 16];
	struct error ignored = {0};

	(void)err;
	if (*name == '.' || strlen(name) >= NAME_LIMIT || !is_folder(dir_fd, name))
		return 0;
	(void)snprintf(package, sizeof(package), "%s%s%s", walk->above, *walk->above ? "/" : "", name);
	(void)snprintf(versions, sizeof(versions), "%s/versions", name);
	below.above = package;
	if (is_folder(dir_fd, versions))
		walk->take(walk->context, package);
	else if (!*walk->above && fs_each(walk->fs, dir_fd, name, walk_entry, &below, &ignored) < 0)
		return 0;
	return 0;
}

static int walk_packages(struct fs *fs, int packages_dir_fd, take_package *take, void *context, struct error *err)
{
	struct walk walk = {.fs = fs, .take = take, .context = context, .above = ""};

	return fs_each(fs, packages_dir_fd, ".", walk_entry, &walk, err);
}

/* ---- Looking ---- */

/* Something is there, and it is no link. */
static bool is_odd(int packages_dir_fd, const char *package, const char *link)
{
	char path[4 * NAME_LIMIT];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", package, link);
	return fstatat(packages_dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISLNK(st.st_mode);
}

struct looking {
	int packages_dir_fd;
	bool found;
};

static void look(void *context, const char *package)
{
	struct looking *looking = context;

	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		looking->found |= is_odd(looking->packages_dir_fd, package, links[i]);
}

bool links_are_odd(const struct env *env, const struct guard_options *options)
{
	struct looking looking = {.packages_dir_fd = options->packages_dir_fd};
	struct error ignored = {0};

	return walk_packages(env->fs, options->packages_dir_fd, look, &looking, &ignored) == 0 && looking.found;
}

/* ---- Mending ---- */

static int set_aside(struct run *run, int dir_fd, const char *link, char ret_name[static NAME_LIMIT], struct error *err)
{
	for (int i = 1; i <= MOST_SET_ASIDE; i++) {
		(void)snprintf(ret_name, NAME_LIMIT, "%s.aside-%d", link, i);
		if (!fs_exists(run->env->fs, dir_fd, ret_name))
			return fs_rename(run->env->fs, dir_fd, link, ret_name, err);
	}
	return error_set(err, ERROR_FAILED, "'%s' was set aside %d times already", link, MOST_SET_ASIDE);
}

struct newest {
	const struct versions *versions;
	const char *staged; /* waits for a restart: "" for none */
	char folder[VERSIONS_FOLDER_SIZE];
};

static int take_release(void *context, int dir_fd, const char *name, struct error *err)
{
	struct newest *newest = context;

	(void)dir_fd;
	(void)err;
	if (versions_has(newest->versions, name) && strcmp(name, newest->staged) != 0 &&
		strverscmp(name, newest->folder) > 0)
		(void)strcpy(newest->folder, name);
	return 0;
}

/* Which one it was is not known any more: what was taken back is removed soon, so that the newest is the likeliest. */
static int make_newest_current(struct run *run, const char *package, struct versions *versions, struct error *err)
{
	const struct plan_entry *entry = plan_find(&run->plan, package);
	struct newest newest = {
		.versions = versions, .staged = entry && entry->state != PLAN_TRIAL ? entry->folder : ""};

	if (entry && entry->state == PLAN_TRIAL)
		return versions_activate(versions, entry->folder, err);
	if (fs_each(run->env->fs, versions_dir_fd(versions), ".", take_release, &newest, err) < 0)
		return -1;
	return *newest.folder ? versions_activate(versions, newest.folder, err) : 0;
}

static void tell(struct run *run, const char *package, const char *link, const char *aside)
{
	struct journal_line line = {.at_s = run->env->clock->now_s(run->env->clock), .event = JOURNAL_REPAIRED};
	char reason[PLAN_REASON_SIZE];
	struct error failed = {0};

	(void)snprintf(reason, sizeof(reason), "'%s' was no link; what was there is kept as '%s'", link, aside);
	(void)strcpy(line.boot_id, run->boot_id);
	text_cut(package, line.package, sizeof(line.package));
	text_printable(reason, line.reason, sizeof(line.reason));
	log_line(run->env->log, LOG_LEVEL_WARNING, "%s: %s", package, reason);
	if (journal_append(run->env->fs, run->options->boot_dir_fd, &line, 1, &failed) < 0)
		run_note(run, &failed);
}

static int mend_link(struct run *run, const char *package, const char *link, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;
	char aside[NAME_LIMIT];

	if (versions_open(run->env->fs, run->options->packages_dir_fd, package, &versions, err) < 0 ||
		set_aside(run, versions_package_dir_fd(versions), link, aside, err) < 0)
		return -1;
	tell(run, package, link, aside);
	return strcmp(link, "current") == 0 ? make_newest_current(run, package, versions, err) : 0;
}

static void mend(void *context, const char *package)
{
	struct run *run = context;

	for (size_t i = ARRAY_SIZE(links); i-- > 0;) { /* previous first, which may become what was current */
		struct error failed = {0};

		if (is_odd(run->options->packages_dir_fd, package, links[i]) &&
			mend_link(run, package, links[i], &failed) < 0)
			run_note(run, &failed);
	}
}

void links_mend(struct run *run)
{
	struct error failed = {0};

	if (walk_packages(run->env->fs, run->options->packages_dir_fd, mend, run, &failed) < 0)
		run_note(run, &failed);
}
