#include "agent/restart/in_use.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/platform.h"
#include "common/process.h"

#define COMMAND_TIMEOUT_MS 60000

/* A session of a person: not the screen that asks who signs in, nor what runs for somebody who has gone. What cannot be read is one. */
static bool is_session_of_person(int dir_fd, const char *name)
{
	char text[4096] = "\n";
	AUTO(fd) int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text + 1, sizeof(text) - 2);

	if (len < 0)
		return errno != ENOENT;
	text[1 + len] = '\0';
	return strstr(text, "\nCLASS=user") && !strstr(text, "\nSTATE=closing\n");
}

/* Beside each there is a pipe, NAME.ref. */
static int look_at_session(void *context, int dir_fd, const char *name, struct error *err)
{
	bool *found = context;

	(void)err;
	*found = *found || (!strstr(name, ".ref") && is_session_of_person(dir_fd, name));
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
