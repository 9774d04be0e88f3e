#include "tests/tools/haishin/running.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/pseudo_terminal.h"

#define ARGUMENTS_MOST 16

static struct run run;

static void speak(const char *locale)
{
	const char *colon = strchr(locale, ':');
	char *lang = strndup(locale, strcspn(locale, ":"));

	(void)setenv("LANGUAGE", colon ? colon + 1 : "", 1); /* empty is no more than none at all */
	(void)unsetenv("LC_ALL");
	(void)unsetenv("LC_MESSAGES");
	(void)setenv("LANG", lang, 1);
	free(lang);
}

static _Noreturn void become_haishin(struct agent_fixture *fixture, const char *locale, const char *arguments)
{
	const char *argv[ARGUMENTS_MOST + 4] = {"haishin", "--root", fixture->folder.path};
	char *words = strdup(arguments);
	int count = 3;

	for (char *word = strtok(words, " "); word && count < ARGUMENTS_MOST; word = strtok(NULL, " "))
		argv[count++] = word;
	speak(locale);
	(void)execv(HAISHIN, (char *const *)argv);
	_exit(127);
}

static const struct run *finish(pid_t pid, int output_fd)
{
	size_t len = 0;
	ssize_t got;
	int status;

	while ((got = read(output_fd, run.output + len, sizeof(run.output) - 1 - len)) > 0)
		len += (size_t)got;
	run.output[len] = '\0';
	(void)close(output_fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return &run;
}

static struct watching start(struct agent_fixture *fixture, const char *locale, const char *arguments)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		(void)dup2(fds[1], STDOUT_FILENO);
		(void)dup2(fds[1], STDERR_FILENO);
		become_haishin(fixture, locale, arguments);
	}
	(void)close(fds[1]);
	return (struct watching){pid, fds[0]};
}

struct watching haishin_begins(struct agent_fixture *fixture, const char *arguments, const char *says)
{
	struct watching watching = start(fixture, "C", arguments);
	char said[128] = "";

	for (size_t len = 0; len < strlen(says); len++)
		assert_int_equal(read(watching.output_fd, said + len, 1), 1);
	assert_string_equal(said, says);
	return watching;
}

const struct run *haishin_ends(struct watching watching)
{
	return finish(watching.pid, watching.output_fd);
}

const struct run *haishin_in(struct agent_fixture *fixture, const char *locale, const char *arguments)
{
	return haishin_ends(start(fixture, locale, arguments));
}

const struct run *haishin(struct agent_fixture *fixture, const char *arguments)
{
	return haishin_in(fixture, "C", arguments);
}

struct typed {
	struct agent_fixture *fixture;
	const char *locale, *arguments;
};

static int become_what_was_typed(const void *context)
{
	const struct typed *typed = context;

	become_haishin(typed->fixture, typed->locale, typed->arguments);
}

const struct run *haishin_on_a_terminal(
	struct agent_fixture *fixture, const char *locale, unsigned short columns, const char *arguments)
{
	struct typed typed = {fixture, locale, arguments};
	struct pseudo_terminal terminal = pseudo_terminal_begin(columns, become_what_was_typed, &typed);

	run.status = pseudo_terminal_end(&terminal);
	(void)snprintf(run.output, sizeof(run.output), "%s", buf_text(&terminal.seen));
	buf_clear(&terminal.seen);
	return &run;
}

void assert_says(struct agent_fixture *fixture, const char *arguments, int status, const char *part)
{
	(void)haishin(fixture, arguments);
	if (run.status != status || !strstr(run.output, part))
		fail_msg("haishin %s: expected %d with '%s', got %d: %s", arguments, status, part, run.status,
			run.output);
}

void assert_prints(struct agent_fixture *fixture, const char *arguments, const char *expected)
{
	assert_int_equal(haishin(fixture, arguments)->status, 0);
	assert_string_equal(run.output, expected);
}

void assert_prints_first(
	struct agent_fixture *fixture, const char *locale, const char *arguments, const char *expected)
{
	assert_int_equal(haishin_in(fixture, locale, arguments)->status, 0);
	run.output[strlen(expected)] = '\0';
	assert_string_equal(run.output, expected);
}

void assert_said(const char *part)
{
	if (!strstr(run.output, part))
		fail_msg("expected '%s', got: %s", part, run.output);
}

void assert_not_said(const char *part)
{
	if (strstr(run.output, part))
		fail_msg("'%s' should not be in: %s", part, run.output);
}

json_t *ask_json(struct agent_fixture *fixture, const char *arguments, int status)
{
	char words[256];
	json_error_t where;
	json_t *answer;

	(void)snprintf(words, sizeof(words), "--json %s", arguments);
	(void)haishin(fixture, words);
	answer = json_loads(run.output, JSON_REJECT_DUPLICATES, &where);
	if (!json_is_object(answer))
		fail_msg("haishin --json %s: %s: %s", arguments, where.text, run.output);
	assert_int_equal(run.status, status);
	assert_int_equal(json_integer_value(json_object_get(answer, "exit")), status);
	return answer;
}

void assert_json(struct agent_fixture *fixture, const char *arguments, int status)
{
	json_decref(ask_json(fixture, arguments, status));
}

void install_all(struct agent_fixture *fixture)
{
	agent_fixture_install(fixture, "distro-app", "1.0.0-aaaaaaaa");
	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_install(fixture, "face-library", "5.1.0-bbbbbbbb");
	agent_fixture_install(fixture, "linkage-app", "1.1.0-aaaaaaaa");
	agent_fixture_install(fixture, "reader-app/acme", "3.0-aaaaaaaa");
	agent_fixture_keep_catalog(fixture, "5.1.0");
	agent_fixture_note_contact(fixture);
}
