#include "manifests/release/release_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/platform.h"
#include "common/text.h"
#include "manifests/base/package.h"
#include "manifests/base/version.h"
#include "manifests/release/release_links.h"
#include "manifests/release/release_notes.h"

#define LOCAL_URL_FORM "http://localhost, http://127.0.0.1 or http://[::1]"

/* Copies the component that *PATH begins with and moves *PATH to the next; false behind the last. */
static bool next_component(const char **path, char ret_name[static RELEASE_PATH_SIZE])
{
	size_t len;

	if (!*path)
		return false;
	len = strcspn(*path, "/");
	(void)snprintf(ret_name, RELEASE_PATH_SIZE, "%.*s", (int)len, *path);
	*path = (*path)[len] ? *path + len + 1 : NULL;
	return true;
}

int release_rules_check_path(const char *path, struct error *err)
{
	const char *rest = path;
	char name[RELEASE_PATH_SIZE];
	const char *reason;

	if (strlen(path) >= RELEASE_PATH_SIZE)
		return error_set(
			err, ERROR_INPUT, "path '%.80s...' is longer than %d bytes", path, RELEASE_PATH_SIZE - 1);
	if (*path == '/')
		return error_set(
			err, ERROR_INPUT, "path '%s' is absolute and would leave the release's folder", path);
	while (next_component(&rest, name)) {
		if (strcmp(name, "..") == 0)
			return error_set(err, ERROR_INPUT, "path '%s' would leave the release's folder", path);
		if ((reason = platform_unportable_name(name)))
			return error_set(err, ERROR_INPUT, "path '%s' cannot exist on every terminal: of '%s', %s",
				path, name, reason);
	}
	return 0;
}

static int depth_of(const char *path)
{
	int depth = 0;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

int release_rules_check_link(const char *path, const char *target, struct error *err)
{
	const char *rest = target;
	int higher = depth_of(path);
	bool behind_a_name = false;
	char name[RELEASE_PATH_SIZE];
	const char *reason;

	if (!*target || strlen(target) >= RELEASE_PATH_SIZE)
		return error_set(err, ERROR_INPUT, "link '%s' points to a path that is not 1 to %d bytes long", path,
			RELEASE_PATH_SIZE - 1);
	if (*target == '/')
		return error_set(err, ERROR_INPUT, "link '%s' points to '%s', which is absolute", path, target);
	while (next_component(&rest, name)) {
		bool up = strcmp(name, "..") == 0;

		if (up && (behind_a_name || higher-- == 0))
			return error_set(err, ERROR_INPUT, "link '%s' points to '%s', which %s", path, target,
				behind_a_name ? "has '..' behind a name: write it the short way"
					      : "leaves the release's folder");
		if (!up && strcmp(name, ".") != 0 && (reason = platform_unportable_name(name)))
			return error_set(err, ERROR_INPUT,
				"link '%s' points to '%s', which cannot exist on every terminal: %s", path, target,
				reason);
		behind_a_name |= !up;
	}
	return 0;
}

static int check_file(const struct release_file *file, const struct release *release, uint64_t *tar_at,
	uint64_t *installed, struct error *err)
{
	if (release_rules_check_path(file->path, err) < 0)
		return -1;
	if (file->mode & ~0777u)
		return error_set(err, ERROR_INPUT, "'%s' has mode %04o; only permission bits are allowed", file->path,
			file->mode);
	if (file->type == RELEASE_LINK)
		return release_rules_check_link(file->path, file->link, err);
	if (file->size == 0)
		return 0;
	if (file->tar_offset < *tar_at || file->tar_offset > release->tar_length ||
		file->size > release->tar_length - file->tar_offset)
		return error_set(err, ERROR_INPUT,
			"the content of '%s' is not behind that of the files before it and inside the payload",
			file->path);
	*tar_at = file->tar_offset + file->size;
	*installed += file->size;
	return 0;
}

/* The capital of a letter, as far as file systems that ignore case agree on it: Latin, Greek, Cyrillic and full-width
 * letters. It takes as many bytes in UTF-8 as the letter. */
static uint32_t capital_of(uint32_t letter)
{
	if ((letter >= 'a' && letter <= 'z') || (letter >= 0xe0 && letter <= 0xfe && letter != 0xf7) ||
		(letter >= 0x3b1 && letter <= 0x3c9 && letter != 0x3c2) || (letter >= 0x430 && letter <= 0x44f) ||
		(letter >= 0xff41 && letter <= 0xff5a))
		return letter - 32;
	if (letter >= 0x450 && letter <= 0x45f)
		return letter - 80;
	return letter;
}

/* Writes PATH with capital letters, in as many bytes. PATH is UTF-8. */
static void fold_path(const char *path, char *ret_folded)
{
	for (size_t len; (len = text_character_length(path)); path += len, ret_folded += len) {
		const unsigned char *in = (const unsigned char *)path;

		memcpy(ret_folded, path, len);
		if (len == 1) {
			*ret_folded = (char)capital_of(in[0]);
		} else if (len == 2) {
			uint32_t capital = capital_of((in[0] & 0x1fu) << 6 | (in[1] & 0x3fu));

			ret_folded[0] = (char)(0xc0 | capital >> 6);
			ret_folded[1] = (char)(0x80 | (capital & 0x3f));
		} else if (len == 3) {
			uint32_t capital = capital_of((in[0] & 0x0fu) << 12 | (in[1] & 0x3fu) << 6 | (in[2] & 0x3fu));

			ret_folded[0] = (char)(0xe0 | capital >> 12);
			ret_folded[1] = (char)(0x80 | (capital >> 6 & 0x3f));
			ret_folded[2] = (char)(0x80 | (capital & 0x3f));
		}
	}
	*ret_folded = '\0';
}

struct folded {
	char *path;
	size_t index; /* in the release's files */
};

static int compare_folded(const void *a, const void *b)
{
	return strcmp(((const struct folded *)a)->path, ((const struct folded *)b)->path);
}

struct folded_paths {
	struct folded *all; /* by folded path */
	size_t count;
};

static void folded_paths_clear(struct folded_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->all[i].path);
	free(paths->all);
}
DEFINE_AUTO(folded_paths, struct folded_paths, folded_paths_clear);

static int fold_all(const struct release *release, struct folded_paths *ret_paths, struct error *err)
{
	if (release->files_count == 0)
		return 0;
	if (!(ret_paths->all = calloc(release->files_count, sizeof(*ret_paths->all))))
		return error_set(err, ERROR_FAILED, "no memory for %zu paths", release->files_count);
	for (size_t i = 0; i < release->files_count; i++) {
		if (!(ret_paths->all[i].path = malloc(strlen(release->files[i].path) + 1)))
			return error_set(err, ERROR_FAILED, "no memory for %zu paths", release->files_count);
		fold_path(release->files[i].path, ret_paths->all[i].path);
		ret_paths->all[i].index = i;
		ret_paths->count++;
	}
	qsort(ret_paths->all, ret_paths->count, sizeof(*ret_paths->all), compare_folded);
	return 0;
}

/* The folder that FILE is in stands before it, spelled alike. */
static int check_parent(
	const struct release *release, const struct folded_paths *paths, size_t index, struct error *err)
{
	const char *path = release->files[index].path;
	const char *slash = strrchr(path, '/');
	char folder[RELEASE_PATH_SIZE];
	char folded[RELEASE_PATH_SIZE];
	const struct folded *found;
	const struct release_file *parent;

	if (!slash)
		return 0;
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	fold_path(folder, folded);
	found = bsearch(
		&(struct folded){.path = folded}, paths->all, paths->count, sizeof(*paths->all), compare_folded);
	parent = found ? &release->files[found->index] : NULL;
	if (!parent || parent->type != RELEASE_FOLDER || strcmp(parent->path, folder) != 0 || found->index > index)
		return error_set(err, ERROR_INPUT, "'%s' stands before the folder it is in, or in none", path);
	return 0;
}

int release_rules_check_names(const struct release *release, struct error *err)
{
	AUTO(folded_paths) struct folded_paths paths = {0};

	if (fold_all(release, &paths, err) < 0)
		return -1;
	for (size_t i = 1; i < paths.count; i++)
		if (strcmp(paths.all[i - 1].path, paths.all[i].path) == 0)
			return error_set(err, ERROR_INPUT, "'%s' and '%s' are the same or differ only by case",
				release->files[paths.all[i - 1].index].path, release->files[paths.all[i].index].path);
	for (size_t i = 0; i < release->files_count; i++)
		if (check_parent(release, &paths, i, err) < 0)
			return -1;
	return 0;
}

static int check_files(const struct release *release, struct error *err)
{
	uint64_t tar_at = 0;
	uint64_t installed = 0;

	if (release->files_count > RELEASE_MAX_FILES)
		return error_set(err, ERROR_INPUT, "it has %zu files; at most %u are allowed", release->files_count,
			RELEASE_MAX_FILES);
	for (size_t i = 0; i < release->files_count; i++)
		if (check_file(&release->files[i], release, &tar_at, &installed, err) < 0)
			return -1;
	if (installed != release->installed_bytes)
		return error_set(err, ERROR_INPUT, "its files are %llu bytes, not the %llu of 'installed_bytes'",
			(unsigned long long)installed, (unsigned long long)release->installed_bytes);
	return release_rules_check_names(release, err);
}

static int check_frames(const struct release *release, struct error *err)
{
	uint64_t at = 0;
	uint64_t tar_at = 0;

	if (release->frames_count > RELEASE_MAX_FRAMES)
		return error_set(err, ERROR_INPUT, "it has %zu frames; at most %u are allowed", release->frames_count,
			RELEASE_MAX_FRAMES);
	for (size_t i = 0; i < release->frames_count; i++) {
		const struct release_frame *frame = &release->frames[i];

		if (frame->offset != at || frame->tar_offset != tar_at)
			return error_set(
				err, ERROR_INPUT, "frame %zu does not begin where the one before it ends", i);
		if (frame->tar_length == 0 || frame->tar_length > RELEASE_FRAME_MAX_BYTES || frame->length == 0 ||
			frame->length > 2u * RELEASE_FRAME_MAX_BYTES)
			return error_set(err, ERROR_INPUT, "frame %zu is empty or holds more than %u bytes", i,
				RELEASE_FRAME_MAX_BYTES);
		at += frame->length;
		tar_at += frame->tar_length;
	}
	if (at != release->payload_length || tar_at != release->tar_length)
		return error_set(err, ERROR_INPUT, "its frames end at %llu and %llu, the payload at %llu and %llu",
			(unsigned long long)at, (unsigned long long)tar_at,
			(unsigned long long)release->payload_length, (unsigned long long)release->tar_length);
	return 0;
}

static int check_program(const struct release *release, const char *member, const char *program, struct error *err)
{
	const struct release_file *file = release_links_find(release, program);

	if (!file)
		return error_set(err, ERROR_INPUT, "%s: '%s' is not among its files, or a link that leads to none of them", member,
			program);
	if (file->type == RELEASE_FOLDER)
		return error_set(err, ERROR_INPUT, "%s: '%s' is a folder; name a program in it", member, program);
	if (!(file->mode & 0111))
		return error_set(err, ERROR_INPUT,
			"%s: '%s' is not a program: it may not be executed; chmod 755 makes it one", member, program);
	return 0;
}

/* Such a release would be current while the agent of the Debian package goes on running. */
int release_rules_check_agent(const struct release *release, struct error *err)
{
	if (strcmp(release->package, RELEASE_AGENT_PACKAGE) != 0)
		return 0;
	return check_program(release, RELEASE_AGENT_PACKAGE, RELEASE_AGENT_PROGRAM, err) < 0
		       ? error_context(err, "without the agent in it " RELEASE_AGENT_PACKAGE " would change nothing")
		       : 0;
}

static bool is_local_url(const char *url)
{
	static const char *const starts[] = {"http://localhost", "http://127.0.0.1", "http://[::1]"};

	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || *c == '@')
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (strncmp(url, starts[i], strlen(starts[i])) == 0 && strchr(":/", url[strlen(starts[i])]))
			return true;
	return false;
}

/* Of what no application is: the system itself, its ways in, and haishin. */
static bool is_of_the_system(const char *unit)
{
	static const char *const names[] = {"haishin", "systemd-", "debug-shell.", "emergency.", "rescue.", "initrd-",
		"dbus", "polkit", "getty", "serial-getty", "console-getty", "container-getty", "user@",
		"user-runtime-dir@", "ssh.", "sshd", "cron.", "udev.", "quotaon", "rc-local.", "autovt@"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strncmp(unit, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool is_service_name(const char *unit)
{
	const char *dot = strrchr(unit, '.');

	for (const char *c = unit; *c; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
			    (c != unit && strchr(":_.@\\-", *c))))
			return false;
	return dot && dot != unit && strcmp(dot, ".service") == 0 && strlen(unit) < 256;
}

static bool is_template(const char *unit)
{
	return strrchr(unit, '.')[-1] == '@';
}

int release_rules_check_unit(const char *unit, struct error *err)
{
	if (!is_service_name(unit))
		return error_set(
			err, ERROR_INPUT, "'%.80s' is not the name of a systemd service, NAME.service", unit);
	if (is_template(unit))
		return error_set(err, ERROR_INPUT, "'%.80s' is a template, of which an instance runs, NAME@INSTANCE.service",
			unit);
	if (is_of_the_system(unit))
		return error_set(err, ERROR_INPUT,
			"'%.80s' is a service of the system or of haishin, and of no application", unit);
	return 0;
}

static int check_health(const struct release *release, struct error *err)
{
	const struct release_health *health = &release->health;

	switch (health->kind) {
	case RELEASE_HEALTH_NONE:
		return 0;
	case RELEASE_HEALTH_COMMAND:
		if (!health->check.argv[0])
			return error_set(err, ERROR_INPUT, "health: the command is empty");
		return check_program(release, "health", health->check.argv[0], err);
	case RELEASE_HEALTH_UNIT:
		return release_rules_check_unit(health->unit, err) < 0 ? error_context(err, "health") : 0;
	case RELEASE_HEALTH_HTTP:
		if (!is_local_url(health->url))
			return error_set(
				err, ERROR_INPUT, "health: '%.80s' does not begin with " LOCAL_URL_FORM, health->url);
		return 0;
	}
	return error_set(err, ERROR_INPUT, "health: unknown kind");
}

static int check_requirements(const struct release *release, struct error *err)
{
	for (size_t i = 0; i < release->requires_count; i++) {
		const struct release_requirement *wanted = &release->requires[i];

		if (package_check_name(wanted->package, err) < 0 || version_check(wanted->version, err) < 0)
			return error_context(err, "requires");
		if (strcmp(wanted->package, release->package) == 0)
			return error_set(err, ERROR_INPUT, "requires: '%s' requires itself", wanted->package);
		for (size_t j = 0; j < i; j++)
			if (strcmp(release->requires[j].package, wanted->package) == 0)
				return error_set(
					err, ERROR_INPUT, "requires: '%s' stands there twice", wanted->package);
	}
	return 0;
}

static int check_header(const struct release *release, struct error *err)
{
	char target[PACKAGE_TARGET_SIZE];

	if (package_check_name(release->package, err) < 0)
		return -1;
	if (version_check(release->version, err) < 0)
		return error_context(err, "version");
	if (version_is_broken(release->version))
		return error_set(err, ERROR_INPUT, "version: %s means a package that was not installed properly",
			release->version);
	package_payload_target(release->package, release->version, target);
	if (strcmp(release->payload_target, target) != 0)
		return error_set(
			err, ERROR_INPUT, "its payload is '%.200s', not '%s'", release->payload_target, target);
	if (release->passes_through && version_check(release->passes_through, err) < 0)
		return error_context(err, "passes_through");
	if (release->passes_through && version_compare(release->passes_through, release->version) > 0)
		return error_set(err, ERROR_INPUT, "passes_through: %s is newer than the release itself",
			release->passes_through);
	return 0;
}

int release_rules_check(const struct release *release, struct error *err)
{
	if (check_header(release, err) < 0 || check_requirements(release, err) < 0 ||
		check_frames(release, err) < 0 || check_files(release, err) < 0 ||
		release_rules_check_agent(release, err) < 0 || release_notes_check(release, err) < 0 ||
		check_health(release, err) < 0)
		return -1;
	if (release->self_test.argv[0] && check_program(release, "self_test", release->self_test.argv[0], err) < 0)
		return -1;
	return release->migrate.argv[0] ? check_program(release, "migrate", release->migrate.argv[0], err) : 0;
}
