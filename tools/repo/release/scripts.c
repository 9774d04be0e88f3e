#include "tools/repo/release/scripts.h"

#include <elf.h>
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

/* Debian's essential packages have these. */
static bool is_everywhere(const char *interpreter)
{
	static const char *const names[] = {"/bin/sh", "sh", "/bin/bash", "/usr/bin/bash", "bash", "/usr/bin/perl", "perl"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(interpreter, names[i]) == 0)
			return true;
	return false;
}

/* A program of that name in the release, which the script finds no more than it would elsewhere; NULL for none. */
static const char *find_namesake(const struct release *release, const char *interpreter)
{
	for (size_t i = 0; i < release->files_count; i++) {
		const struct release_file *file = &release->files[i];
		const char *slash = strrchr(file->path, '/');

		if (file->type == RELEASE_FILE && (file->mode & 0111) && strcmp(slash ? slash + 1 : file->path, interpreter) == 0)
			return file->path;
	}
	return NULL;
}

static void tell_of_interpreter(
	const char *path, const char *interpreter, const struct release *release, struct problems *problems)
{
	const char *namesake = find_namesake(release, interpreter);

	if (namesake)
		problems_warn(problems,
			"'%s' looks for the interpreter %s on the terminal, not for the release's '%s': name both where it is started",
			path, interpreter, namesake);
	else
		problems_warn(problems,
			"'%s' needs the interpreter %s on every terminal, which the release does not bring", path, interpreter);
}

static void tell_of_line_ends(const char *path, bool run, struct problems *problems)
{
	struct error why = {0};

	(void)error_set(&why, ERROR_INPUT,
		"'%s' is a script whose lines end as Windows ends them (CR LF): terminals cannot start it; write it "
		"with LF alone",
		path);
	if (run)
		(void)!problems_take(problems, &why);
	else
		problems_warn(problems, "%s", why.text);
}

static void tell_of_no_program(const char *path, struct problems *problems)
{
	struct error why = {0};

	(void)error_set(&why, ERROR_INPUT,
		"'%s' is neither a program nor a script that begins with #!: terminals cannot start it", path);
	(void)!problems_take(problems, &why);
}

void scripts_look_at(struct scripts *scripts, int dir_fd, const char *path, bool run, const struct release *release,
	struct problems *problems)
{
	AUTO(fd) int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char line[LINE_BYTES + 1], interpreter[128];
	ssize_t got = fd < 0 ? -1 : read(fd, line, LINE_BYTES);
	const char *end;

	if (got < 2 || line[0] != '#' || line[1] != '!') {
		if (run && got >= 0 && (got < SELFMAG || memcmp(line, ELFMAG, SELFMAG) != 0))
			tell_of_no_program(path, problems);
		return;
	}
	line[got] = '\0';
	end = strchr(line, '\n');
	if (end && end[-1] == '\r') {
		tell_of_line_ends(path, run, problems);
		return;
	}
	take_interpreter(line, interpreter);
	if (!is_everywhere(interpreter) && is_new(scripts, interpreter))
		tell_of_interpreter(path, interpreter, release, problems);
}
