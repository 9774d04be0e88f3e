#include "agent/machine/machine_files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/json.h"
#include "rollback/plan.h"

#define FILE_MAX_BYTES (16u << 20)
#define STORE_FILE "state.db"
#define KEY_FILE "terminal.key"
#define KEY_LOCK_FILE "terminal.key.lock" /* stays beside it since it was made */
#define STORE_BEGINS "SQLite format 3" /* and NUL */

/* ---- Whether what is in a file is whole ---- */

typedef bool is_whole(const struct buf *bytes);

static bool is_name(const struct buf *bytes)
{
	return environment_text_is_name(buf_text(bytes), bytes->len);
}

static bool is_key(const struct buf *bytes)
{
	return strncmp(buf_text(bytes), "-----BEGIN ", strlen("-----BEGIN ")) == 0 &&
	       strstr(buf_text(bytes), "-----END ") != NULL;
}

static bool is_object(const struct buf *bytes)
{
	AUTO(json) json_t *json = json_parse(buf_text(bytes), bytes->len, NULL);

	return json_is_object(json);
}

static bool is_signed(const struct buf *bytes)
{
	AUTO(json) json_t *json = json_parse(buf_text(bytes), bytes->len, NULL);

	return json_is_object(json_object_get(json, "signed")) && json_is_array(json_object_get(json, "signatures"));
}

static bool is_moment(const struct buf *bytes)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t time_s;

	(void)snprintf(text, sizeof(text), "%.*s", (int)strcspn(buf_text(bytes), "\n"), buf_text(bytes));
	return clock_parse(text, &time_s, NULL) == 0;
}

/* ---- The files ---- */

enum place { IN_STATE, IN_ENVIRONMENT, AT_TRUSTED_ROOT };

/* Those that are not there yet are made, or fetched, as they are needed; one that must be there is made at the agent's start. */
static const struct own_file {
	enum place place;
	const char *name;
	is_whole *is_whole; /* NULL: it is not read */
	bool must_be_there;
} own_files[] = {
	{AT_TRUSTED_ROOT, "", is_signed, false},
	{IN_STATE, STORE_FILE, NULL, true},
	{IN_STATE, KEY_FILE, is_key, false},
	{IN_STATE, "environment", is_name, false},
	{IN_STATE, "boot/plan", NULL, false},
	{IN_STATE, "boot/journal", NULL, false},
	{IN_ENVIRONMENT, "catalog.json", is_object, false},
	{IN_ENVIRONMENT, "tuf/root.json", is_signed, true},
	{IN_ENVIRONMENT, "tuf/timestamp.json", is_signed, false},
	{IN_ENVIRONMENT, "tuf/snapshot.json", is_signed, false},
	{IN_ENVIRONMENT, "tuf/targets.json", is_signed, false},
	{IN_ENVIRONMENT, "tuf/time-floor", is_moment, false},
};

static const struct {
	enum place place;
	const char *name;
} own_folders[] = {{IN_STATE, ""}, {IN_STATE, "boot"}, {IN_STATE, "history"}, {IN_ENVIRONMENT, ""}, {IN_ENVIRONMENT, "tuf"}};

static bool find_path(
	const struct machine_question *question, enum place place, const char *name, char ret_path[static PATH_MAX])
{
	const struct config *config = question->config;
	const char *above = place == AT_TRUSTED_ROOT  ? config->trusted_root_path
			    : place == IN_ENVIRONMENT ? config->environment_path
						      : config->state_path;

	return snprintf(ret_path, PATH_MAX, "%s%s%s", above, *name ? "/" : "", name) < PATH_MAX;
}

/* The store is never opened here: to close it would give up the locks that this process has on it. */
static void look_inside(const struct machine_question *question, const struct own_file *file, const char *path,
	struct machine *machine)
{
	AUTO(buf) struct buf bytes = BUF_INIT(FILE_MAX_BYTES);
	struct error why = {0};

	if (!file->is_whole)
		return;
	if (fs_read_file(question->fs, AT_FDCWD, path, &bytes, &why) < 0) {
		if (why.sys == EIO)
			(void)machine_add(machine, MACHINE_FILE_DAMAGED, path, "it cannot be read");
	} else if (!file->is_whole(&bytes)) {
		(void)machine_add(machine, MACHINE_FILE_DAMAGED, path, "it is %s",
			bytes.len ? "cut, or something else" : "empty");
	}
}

static void look_at_file(const struct machine_question *question, const struct own_file *file, struct machine *machine)
{
	char path[PATH_MAX];
	struct stat st;

	if (!find_path(question, file->place, file->name, path))
		return;
	if (lstat(path, &st) < 0) {
		if (errno == ENOENT && file->must_be_there && question->has_agent)
			(void)machine_add(machine, MACHINE_FILE_DAMAGED, path, "it is missing");
	} else if (file->place != AT_TRUSTED_ROOT && !S_ISREG(st.st_mode)) {
		(void)machine_add(machine, MACHINE_FILE_FOREIGN, path, "it is no plain file");
	} else if (!machine_is_ours(&st) && !S_ISLNK(st.st_mode)) {
		(void)machine_add(machine, MACHINE_FILE_FOREIGN, path, "user %d owns it, mode %04o", (int)st.st_uid,
			st.st_mode & 07777);
	} else if (st.st_size == 0 && strcmp(file->name, "boot/journal") != 0) {
		(void)machine_add(machine, MACHINE_FILE_DAMAGED, path, "it is empty");
	} else {
		look_inside(question, file, path, machine);
	}
}

/* A folder may be a link to one elsewhere, as long as that is ours. */
static void look_at_folder(const char *path, bool must_be_there, struct machine *machine)
{
	struct stat st, link;

	if (stat(path, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			(void)machine_add(machine, MACHINE_FILE_FOREIGN, path, "it is no folder");
		else if (!machine_is_ours(&st))
			(void)machine_add(machine, MACHINE_FILE_FOREIGN, path, "user %d owns it, mode %04o",
				(int)st.st_uid, st.st_mode & 07777);
	} else if (lstat(path, &link) == 0 && S_ISLNK(link.st_mode)) {
		(void)machine_add(machine, MACHINE_FILE_FOREIGN, path, "it is a link that leads nowhere");
	} else if (errno == ENOENT && must_be_there) {
		(void)machine_add(machine, MACHINE_FILE_DAMAGED, path, "it is missing");
	}
}

/* Without an agent the store may be read; what is at its beginning tells. */
static void look_at_store(const struct machine_question *question, struct machine *machine)
{
	AUTO(fd) int fd = -1;
	char path[PATH_MAX], begins[sizeof(STORE_BEGINS)] = "";
	ssize_t got;

	if (question->has_agent || !find_path(question, IN_STATE, STORE_FILE, path) ||
		(fd = fs_open(question->fs, AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, NULL)) < 0)
		return;
	got = read(fd, begins, sizeof(begins));
	if (got > 0 && memcmp(begins, STORE_BEGINS, sizeof(begins)) != 0)
		(void)machine_add(machine, MACHINE_FILE_DAMAGED, path, "it is cut, or something else");
}

/* What was made once must not be gone: another one would be another terminal. */
static void look_for_key(const struct machine_question *question, struct machine *machine)
{
	char path[PATH_MAX], lock[PATH_MAX];

	if (find_path(question, IN_STATE, KEY_FILE, path) && find_path(question, IN_STATE, KEY_LOCK_FILE, lock) &&
		fs_exists(question->fs, AT_FDCWD, lock) && !fs_exists(question->fs, AT_FDCWD, path))
		(void)machine_add(machine, MACHINE_FILE_DAMAGED, path, "it is missing");
}

/* As the guard reads it. */
static void look_at_plan(const struct machine_question *question, struct machine *machine)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(fd) int fd = -1;
	char path[PATH_MAX];
	struct error why = {0};

	if (!plan || !find_path(question, IN_STATE, "boot", path) ||
		(fd = fs_open_dir(question->fs, AT_FDCWD, path, NULL)) < 0)
		return;
	if (plan_read(question->fs, fd, plan, &why) < 0 && why.code == ERROR_DAMAGED)
		(void)machine_add(machine, MACHINE_FILE_DAMAGED, path, "%s", why.text);
}

void machine_look_at_files(const struct machine_question *question, struct machine *machine)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(own_folders); i++)
		if (find_path(question, own_folders[i].place, own_folders[i].name, path))
			look_at_folder(path, question->has_agent && strcmp(own_folders[i].name, "history") != 0, machine);
	look_at_folder(question->config->packages_path, question->has_agent, machine);
	look_at_folder(question->config->cache_path, question->has_agent, machine);
	for (size_t i = 0; i < ARRAY_SIZE(own_files); i++)
		look_at_file(question, &own_files[i], machine);
	look_at_store(question, machine);
	look_for_key(question, machine);
	look_at_plan(question, machine);
}

/* ---- Settings ---- */

enum machine_fault_kind machine_settings_fault(const struct error *why)
{
	return why->code == ERROR_NOT_FOUND ? MACHINE_CONFIGURATION_MISSING : MACHINE_CONFIGURATION_WRONG;
}

void machine_look_at_settings(const struct machine_question *question, struct machine *machine)
{
	const char *file = question->config->file, *root = question->config->root_override;
	AUTO(config) struct config config = {0};
	struct error why = {0};

	if (!file || config_load(question->fs, file, root, &config, &why) == 0)
		return;
	machine_add(machine, machine_settings_fault(&why), file, "%s", why.text)->stops_delivery = true;
}
