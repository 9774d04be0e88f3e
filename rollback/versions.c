#include "rollback/versions.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_LIMIT 65
#define TARGET_PREFIX "versions/"

struct versions {
	struct fs *fs;
	int package_dir_fd;
	int versions_dir_fd;
};

/* One or two components that stay below the folder of all packages. */
static int check_name(const char *name, struct error *err)
{
	size_t len = strlen(name);
	bool begins = true;
	int slashes = 0;

	if (len == 0 || len >= NAME_LIMIT)
		return error_set(
			err, ERROR_USAGE, "a package's name has 1 to %d bytes, not %zu", NAME_LIMIT - 1, len);
	for (const char *c = name; *c; c++) {
		slashes += *c == '/';
		if ((begins && !isalnum((unsigned char)*c)) || (!isalnum((unsigned char)*c) && !strchr("-/", *c)))
			return error_set(err, ERROR_USAGE, "'%s' is not a package's name", name);
		begins = *c == '/';
	}
	if (begins || slashes > 1)
		return error_set(err, ERROR_USAGE, "'%s' is not a package's name", name);
	return 0;
}

static bool is_folder_name(const char *folder)
{
	return *folder && *folder != '.' && strlen(folder) < VERSIONS_FOLDER_SIZE && !strchr(folder, '/');
}

static bool is_folder(int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int make_layout(struct versions *versions, int packages_dir_fd, const char *name, struct error *err)
{
	uint64_t changes = versions->fs->changes;

	if (fs_make_dirs(versions->fs, packages_dir_fd, name, 0755, err) < 0 ||
		(versions->package_dir_fd = fs_open_dir(versions->fs, packages_dir_fd, name, err)) < 0 ||
		fs_make_dirs(versions->fs, versions->package_dir_fd, "versions", 0755, err) < 0 ||
		fs_make_dirs(versions->fs, versions->package_dir_fd, "data", 0755, err) < 0 ||
		(versions->versions_dir_fd = fs_open_dir(versions->fs, versions->package_dir_fd, "versions", err)) <
			0)
		return -1;
	/* Once in a package's life: the names above it have to last as long as the links in it. */
	if (versions->fs->changes != changes)
		return fs_sync_tree(versions->fs, versions->package_dir_fd, ".", err);
	return 0;
}

int versions_open(
	struct fs *fs, int packages_dir_fd, const char *name, struct versions **ret_versions, struct error *err)
{
	AUTO(versions) struct versions *versions = NULL;

	if (check_name(name, err) < 0)
		return -1;
	if (!(versions = malloc(sizeof(*versions))))
		return error_set(err, ERROR_FAILED, "%s: no memory", name);
	*versions = (struct versions){.fs = fs, .package_dir_fd = -1, .versions_dir_fd = -1};
	if (make_layout(versions, packages_dir_fd, name, err) < 0)
		return error_context(err, "%s", name);
	*ret_versions = take_ptr(&versions);
	return 0;
}

void versions_free(struct versions *versions)
{
	if (!versions)
		return;
	fd_close(&versions->package_dir_fd);
	fd_close(&versions->versions_dir_fd);
	free(versions);
}

int versions_dir_fd(const struct versions *versions)
{
	return versions->versions_dir_fd;
}

int versions_package_dir_fd(const struct versions *versions)
{
	return versions->package_dir_fd;
}

bool versions_has(const struct versions *versions, const char *folder)
{
	return is_folder_name(folder) && is_folder(versions->versions_dir_fd, folder);
}

bool versions_is_odd(const struct versions *versions)
{
	static const char *const links[] = {"current", "previous"};
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (fstatat(versions->package_dir_fd, links[i], &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISLNK(st.st_mode))
			return true;
	return false;
}

/* A link that leads anywhere but to a release of ours counts as none. */
static int read_release_link(
	struct versions *versions, const char *link, char ret_folder[static VERSIONS_FOLDER_SIZE], struct error *err)
{
	AUTO(buf) struct buf target = BUF_INIT(4096);
	struct error link_err = {0};
	const char *folder;

	if (fs_read_link(versions->fs, versions->package_dir_fd, link, &target, &link_err) < 0) {
		if (link_err.code == ERROR_NOT_FOUND || link_err.sys == EINVAL) {
			*ret_folder = '\0';
			return 0;
		}
		return error_set(err, link_err.code, "%s", link_err.text);
	}
	folder = buf_text(&target) + strlen(TARGET_PREFIX);
	if (strncmp(buf_text(&target), TARGET_PREFIX, strlen(TARGET_PREFIX)) != 0 || !versions_has(versions, folder))
		folder = "";
	(void)strcpy(ret_folder, folder);
	return 0;
}

int versions_current(struct versions *versions, char ret_folder[static VERSIONS_FOLDER_SIZE], struct error *err)
{
	return read_release_link(versions, "current", ret_folder, err);
}

int versions_previous(struct versions *versions, char ret_folder[static VERSIONS_FOLDER_SIZE], struct error *err)
{
	char current[VERSIONS_FOLDER_SIZE], previous[VERSIONS_FOLDER_SIZE];

	if (versions_current(versions, current, err) < 0 ||
		read_release_link(versions, "previous", previous, err) < 0)
		return -1;
	(void)strcpy(ret_folder, strcmp(previous, current) == 0 ? "" : previous);
	return 0;
}

/* Points current or previous at a release; durable with the next sync of the folder that holds both. */
static int point(struct versions *versions, const char *link, const char *folder, struct error *err)
{
	char target[sizeof(TARGET_PREFIX) + VERSIONS_FOLDER_SIZE];

	(void)snprintf(target, sizeof(target), TARGET_PREFIX "%s", folder);
	return fs_point_link(versions->fs, versions->package_dir_fd, link, target, err);
}

static int make_current(struct versions *versions, const char *folder, struct error *err)
{
	if (point(versions, "current", folder, err) < 0)
		return -1;
	return fs_sync_file(versions->fs, versions->package_dir_fd, "current", err);
}

static int check_folder(struct versions *versions, const char *folder, struct error *err)
{
	if (!versions_has(versions, folder))
		return error_set(err, ERROR_NOT_FOUND, "there is no release in '" TARGET_PREFIX "%s'", folder);
	return 0;
}

/* Invariant: current leads to a complete release, the old or the new one, from the first to the last step.
 *
 *   1. previous -> the old current        a cut here: current is the old release, and previous the same one, which
 *                                         versions_previous() calls none; the plan still knows the way back
 *   2. current  -> the new one            a cut here: the old or the new one, whichever the rename left
 *   3. sync of the folder that holds both
 *
 * The other way round, a cut between the steps would leave the new release with a way back that skips the old one. */
int versions_activate(struct versions *versions, const char *folder, struct error *err)
{
	char current[VERSIONS_FOLDER_SIZE];

	if (check_folder(versions, folder, err) < 0 || versions_current(versions, current, err) < 0)
		return -1;
	if (strcmp(current, folder) == 0)
		return 0;
	if (*current && point(versions, "previous", current, err) < 0)
		return -1;
	return make_current(versions, folder, err);
}

/* Invariant: as above; where there is no FORMER, current leads to the new release or is missing.
 *
 *   1. current -> FORMER, durably (or removed)   a cut here: the new or the former release
 *   2. previous removed                          a cut here: previous is FORMER too: versions_previous() calls it
 * none
 */
int versions_take_back(struct versions *versions, const char *former, struct error *err)
{
	char current[VERSIONS_FOLDER_SIZE];

	if (versions_current(versions, current, err) < 0)
		return -1;
	if (!*former) {
		if (fs_remove(versions->fs, versions->package_dir_fd, "current", err) < 0)
			return -1;
	} else if (check_folder(versions, former, err) < 0 ||
		   (strcmp(current, former) != 0 && make_current(versions, former, err) < 0)) {
		return -1;
	}
	return fs_remove(versions->fs, versions->package_dir_fd, "previous", err);
}

int versions_set_previous(struct versions *versions, const char *folder, struct error *err)
{
	if (!*folder)
		return fs_remove(versions->fs, versions->package_dir_fd, "previous", err);
	if (check_folder(versions, folder, err) < 0 || point(versions, "previous", folder, err) < 0)
		return -1;
	return fs_sync_file(versions->fs, versions->package_dir_fd, "previous", err);
}

struct names {
	char (*list)[NAME_MAX + 1];
	size_t count;
};

static void names_clear(struct names *names)
{
	free(names->list);
	*names = (struct names){0};
}
DEFINE_AUTO(names, struct names, names_clear);

static int names_add(struct names *names, const char *name, struct error *err)
{
	void *list = reallocarray(names->list, names->count + 1, sizeof(*names->list));

	if (!list)
		return error_set(err, ERROR_FAILED, "no memory for the names of a folder");
	names->list = list;
	(void)snprintf(names->list[names->count++], sizeof(*names->list), "%s", name);
	return 0;
}

static bool names_have(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->list[i], name) == 0)
			return true;
	return false;
}

static int add_entry(void *context, int dir_fd, const char *name, struct error *err)
{
	(void)dir_fd;
	return names_add(context, name, err);
}

static int names_read(struct names *names, struct versions *versions, int dir_fd, struct error *err)
{
	return fs_each(versions->fs, dir_fd, ".", add_entry, names, err);
}

/* The release that a link's target names: what follows "versions/", or, for a link among the releases, the first
 * component. */
static int add_target(struct names *kept, const char *target, bool among_releases, struct error *err)
{
	const char *folder = strstr(target, TARGET_PREFIX);
	char name[NAME_MAX + 1];

	if (!folder && !among_releases)
		return 0;
	folder = folder ? folder + strlen(TARGET_PREFIX) : target;
	folder += strncmp(folder, "./", 2) == 0 ? 2 : 0;
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(folder, "/"), folder);
	return names_add(kept, name, err);
}

/* Adds what any link in DIR_FD leads to: current and previous, and whatever staff have made. */
static int keep_link_targets(struct versions *versions, int dir_fd, struct names *kept, struct error *err)
{
	AUTO(names) struct names names = {0};

	if (names_read(&names, versions, dir_fd, err) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO(buf) struct buf target = BUF_INIT(4096);
		struct error link_err = {0};

		if (fs_read_link(versions->fs, dir_fd, names.list[i], &target, &link_err) < 0) {
			if (link_err.sys != EINVAL) /* it is a link, and where it leads is not known */
				return error_set(err, link_err.code, "%s", link_err.text);
			continue;
		}
		if (add_target(kept, buf_text(&target), dir_fd == versions->versions_dir_fd, err) < 0)
			return -1;
	}
	return 0;
}

/* The release that NAME is the description of, or partial work on; false for other names. */
static bool belongs_to(const char *name, char ret_folder[static NAME_MAX + 1])
{
	static const struct {
		const char *before, *after;
	} forms[] = {{".", ".partial"}, {"", ".json"}};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t before = strlen(forms[i].before), after = strlen(forms[i].after), len = strlen(name);

		if (len > before + after && strncmp(name, forms[i].before, before) == 0 &&
			strcmp(name + len - after, forms[i].after) == 0) {
			(void)snprintf(ret_folder, NAME_MAX + 1, "%.*s", (int)(len - before - after), name + before);
			return is_folder_name(ret_folder);
		}
	}
	return false;
}

static bool is_being_removed(const char *name)
{
	size_t len = strlen(name), end = strlen(".removed");

	return *name == '.' && len > end && strcmp(name + len - end, ".removed") == 0;
}

/* Remembers the first error only. */
static void note(int result, const struct error *failed, int *ret, struct error *err)
{
	if (result < 0 && *ret == 0) {
		*ret = -1;
		if (err)
			*err = *failed;
	}
}

/* Leaves the name first, so that a cut never leaves half a release under it. */
static int remove_release(struct versions *versions, const char *folder, struct error *err)
{
	char json[NAME_MAX + 8], removed[NAME_MAX + 16];

	(void)snprintf(json, sizeof(json), "%s.json", folder);
	(void)snprintf(removed, sizeof(removed), ".%s.removed", folder);
	if (fs_remove(versions->fs, versions->versions_dir_fd, json, err) < 0 ||
		fs_rename(versions->fs, versions->versions_dir_fd, folder, removed, err) < 0)
		return -1;
	return fs_remove_tree(versions->fs, versions->versions_dir_fd, removed, err);
}

/* What a cut left of earlier removals, partial work on what is complete or old, descriptions of what is gone. */
static bool is_leftover(const char *name, const struct names *names, const struct names *kept, const char *current)
{
	char folder[NAME_MAX + 1];

	if (is_being_removed(name))
		return true;
	if (!belongs_to(name, folder))
		return false;
	if (names_have(names, folder))
		return *name == '.';
	return !names_have(kept, folder) && strverscmp(folder, current) <= 0;
}

static int higher_version_first(const void *a, const void *b)
{
	return strverscmp(b, a);
}

int versions_clean_up(
	struct versions *versions, const char *const *keep, int keep_former, int *ret_removed, struct error *err)
{
	AUTO(names) struct names names = {0}, kept = {0};
	char current[VERSIONS_FOLDER_SIZE];
	int ret = 0, removed = 0;

	for (; keep && *keep; keep++)
		if (names_add(&kept, *keep, err) < 0)
			return -1;
	/* Whatever cannot be read here might be the way back: then nothing is removed. */
	if (versions_is_odd(versions))
		return error_set(err, ERROR_DAMAGED, "current or previous is no link");
	if (versions_current(versions, current, err) < 0 ||
		keep_link_targets(versions, versions->package_dir_fd, &kept, err) < 0 ||
		keep_link_targets(versions, versions->versions_dir_fd, &kept, err) < 0 ||
		names_read(&names, versions, versions->versions_dir_fd, err) < 0)
		return -1;
	if (names.count)
		qsort(names.list, names.count, sizeof(*names.list), higher_version_first);
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.list[i];
		struct error failed = {0};

		if (is_leftover(name, &names, &kept, current)) {
			note(fs_remove_tree(versions->fs, versions->versions_dir_fd, name, &failed), &failed, &ret,
				err);
		} else if (versions_has(versions, name) && !names_have(&kept, name) &&
			   (strverscmp(name, current) > 0 || keep_former-- <= 0)) {
			int result = remove_release(versions, name, &failed);

			removed += result == 0;
			note(result, &failed, &ret, err);
		}
	}
	if (ret_removed)
		*ret_removed = removed;
	return ret;
}
