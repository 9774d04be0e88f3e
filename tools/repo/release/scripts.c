#include "tools/repo/release/scripts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/auto.h"

/* As much of the first line as the kernel reads (linux/binfmts.h, BINPRM_BUF_SIZE). */
#define LINE_BYTES 256

/* True the first time that an interpreter is seen; false, too, where there are too many to tell. */
static bool is_new(struct scripts *scripts, const char *interpreter)
{
	for (size_t i = 0; i < scripts->count; i++)
		if (strcmp(scripts->interpreters[i], interpreter) == 0)
			return false;
	if (scripts->count == SCRIPTS_INTERPRETERS_MOST)
		return false;
	(void)snprintf(scripts->interpreters[scripts->count++], sizeof(*scripts->interpreters), "%s", interpreter);
	return true;
}

/* The word behind "#!", or the program that env is to find. */
static void take_interpreter(const char *line, char ret_interpreter[static 128])
{
	const char *word = line + 2 + strspn(line + 2, " \t");
	size_t len = strcspn(word, " \t\r\n");

	if (len == strlen("/usr/bin/env") && strncmp(word, "/usr/bin/env", len) == 0 && word[len] == ' ') {
		word += len + strspn(word + len, " \t");
		len = strcspn(word, " \t\r\n");
	}
	(void)snprintf(ret_interpreter, 128, "%.*s", (int)len, word);
}

static bool is_everywhere(const char *interpreter)
{
	return strcmp(interpreter, "/bin/sh") == 0 || strcmp(interpreter, "sh") == 0;
}

bool scripts_is_run_by_terminals(const struct release *release, const char *path)
{
	const char *const programs[] = {
		release->self_test.argv[0], release->migrate.argv[0], release->health.check.argv[0]};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (programs[i] && strcmp(programs[i], path) == 0)
			return true;
	return false;
}

static void tell_of_line_ends(const char *path, const struct release *release, struct problems *problems)
{
	struct error why = {0};

	(void)error_set(&why, ERROR_INPUT,
		"'%s' is a script whose lines end as Windows ends them (CR LF): terminals cannot start it; write it "
		"with LF alone",
		path);
	if (scripts_is_run_by_terminals(release, path))
		(void)!problems_take(problems, &why);
	else
		problems_warn(problems, "%s", why.text);
}

void scripts_look_at(struct scripts *scripts, int dir_fd, const char *name, const char *path,
	const struct release *release, struct problems *problems)
{
	AUTO(fd) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char line[LINE_BYTES + 1], interpreter[128];
	ssize_t got = fd < 0 ? -1 : read(fd, line, LINE_BYTES);
	const char *end;

	if (got < 2 || line[0] != '#' || line[1] != '!')
		return;
	line[got] = '\0';
	end = strchr(line, '\n');
	if (end && end[-1] == '\r') {
		tell_of_line_ends(path, release, problems);
		return;
	}
	take_interpreter(line, interpreter);
	if (!is_everywhere(interpreter) && is_new(scripts, interpreter))
		problems_warn(problems,
			"'%s' needs the interpreter %s on every terminal, which the release does not bring", path,
			interpreter);
}
