#include "agent/restart/in_use.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/platform.h"
#include "common/process.h"
#include "common/text.h"

#define COMMAND_TIMEOUT_MS 60000

#define NOTE_SIZE 4096

/* What the service manager notes: a file of lines, each behind a newline here. False: there is none, or (*RET_GONE) no longer. */
static bool read_note(int dir_fd, const char *name, char ret_note[NOTE_SIZE], bool *ret_gone)
{
	AUTO(fd) int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t len;

	ret_note[0] = '\n';
	len = fd < 0 ? -1 : read(fd, ret_note + 1, NOTE_SIZE - 2);
	*ret_gone = len < 0 && errno == ENOENT;
	ret_note[1 + (len < 0 ? 0 : len)] = '\0';
	return len >= 0;
}

/* Beside each note there is a pipe, NAME.ref. */
static bool is_note(const char *name)
{
	return !strstr(name, ".ref");
}

/* A session of a person: not the screen that asks who signs in, nor what runs for somebody who has gone. What cannot be read is one. */
static int look_at_session(void *context, int dir_fd, const char *name, struct error *err)
{
	bool *found = context, gone;
	char note[NOTE_SIZE];

	(void)err;
	if (*found || !is_note(name))
		return 0;
	if (read_note(dir_fd, name, note, &gone))
		*found = strstr(note, "\nCLASS=user") && !strstr(note, "\nSTATE=closing\n");
	else
		*found = !gone;
	return 0;
}

/* The value of the line that begins with LINE, as it may be shown; "" where there is none. */
static void take_value(const char *note, const char *line, char *ret_value, size_t size)
{
	const char *at = strstr(note, line);
	char value[NOTE_SIZE];

	at = at ? at + strlen(line) : "";
	(void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\n"), at);
	text_printable(value, ret_value, size);
}

struct held {
	bool found;
	char *who; /* IN_USE_WHO_SIZE bytes */
};

static int look_at_inhibitor(void *context, int dir_fd, const char *name, struct error *err)
{
	char note[NOTE_SIZE], what[128];
	struct held *held = context;
	bool gone;

	(void)err;
	if (held->found || !is_note(name) || !read_note(dir_fd, name, note, &gone))
		return 0;
	take_value(note, "\nWHAT=", what, sizeof(what));
	held->found = strstr(what, "shutdown") && strstr(note, "\nMODE=block\n");
	if (held->found)
		take_value(note, "\nWHO=", held->who, IN_USE_WHO_SIZE);
	return 0;
}

static bool has_sessions(const struct terminal *terminal, const char *folder)
{
	struct error err = {0};
	bool found = false;

	if (fs_each(terminal->env->fs, AT_FDCWD, folder, look_at_session, &found, &err) < 0)
		return err.code != ERROR_NOT_FOUND;
	return found;
}

static bool is_signed_in(const struct terminal *terminal)
{
	const char *root = terminal->config->root;
	char logins[PATH_MAX + sizeof(PLATFORM_LOGINS_FILE)], sessions[PATH_MAX + sizeof(PLATFORM_SESSIONS_FOLDER)];

	(void)snprintf(logins, sizeof(logins), "%.*s" PLATFORM_LOGINS_FILE, PATH_MAX - 1, root);
	(void)snprintf(sessions, sizeof(sessions), "%.*s" PLATFORM_SESSIONS_FOLDER, PATH_MAX - 1, root);
	return platform_is_in_use(logins) || has_sessions(terminal, sessions);
}

/* 0 of the configured command says that the terminal is in use; so does one that cannot tell. */
static int ask_command(struct terminal *terminal, bool *ret_in_use, struct error *err)
{
	const char *const argv[] = {terminal->config->restart_in_use_command_path, NULL};
	struct process_request request = {.argv = argv, .timeout_ms = COMMAND_TIMEOUT_MS};
	struct process_result result;

	if (terminal->env->processes->run(terminal->env->processes, &request, &result, err) < 0)
		return -1;
	*ret_in_use = result.timed_out || result.exit_status == 0 || result.exit_status > 1;
	return 0;
}

static bool has_command(const struct terminal *terminal)
{
	return *terminal->config->restart_in_use_command_path;
}

int in_use_ask(struct terminal *terminal, bool *ret_in_use, struct error *err)
{
	if (has_command(terminal))
		return ask_command(terminal, ret_in_use, err);
	*ret_in_use = is_signed_in(terminal);
	return 0;
}

int in_use_ask_strictly(struct terminal *terminal, bool *ret_in_use, struct error *err)
{
	*ret_in_use = is_signed_in(terminal);
	return *ret_in_use || !has_command(terminal) ? 0 : ask_command(terminal, ret_in_use, err);
}

bool in_use_is_held_up(const struct terminal *terminal, char ret_who[IN_USE_WHO_SIZE])
{
	char folder[PATH_MAX + sizeof(PLATFORM_INHIBITORS_FOLDER)];
	struct held held = {.who = ret_who};
	struct error err = {0};

	*ret_who = '\0';
	(void)snprintf(folder, sizeof(folder), "%.*s" PLATFORM_INHIBITORS_FOLDER, PATH_MAX - 1, terminal->config->root);
	return fs_each(terminal->env->fs, AT_FDCWD, folder, look_at_inhibitor, &held, &err) == 0 && held.found;
}
