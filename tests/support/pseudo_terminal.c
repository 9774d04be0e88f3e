#include "tests/support/pseudo_terminal.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"

#define PATIENCE_MS 60000
#define END "\032" /* and three digits: how it ended */
#define END_BYTES 4

static _Noreturn void lead(int (*program)(const void *context), const void *context)
{
	pid_t pid;
	int status;

	(void)signal(SIGINT, SIG_IGN);
	if ((pid = fork()) == 0) {
		(void)signal(SIGINT, SIG_DFL);
		_exit(program(context));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		_exit(127);
	(void)dprintf(STDOUT_FILENO, END "%03d", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	for (;;)
		(void)pause();
}

struct pseudo_terminal pseudo_terminal_begin(
	unsigned short columns, int (*program)(const void *context), const void *context)
{
	struct pseudo_terminal terminal = {.seen = BUF_INIT(PSEUDO_TERMINAL_MOST)};
	struct winsize size = {.ws_row = 24, .ws_col = columns};

	terminal.leader = forkpty(&terminal.fd, NULL, NULL, &size);
	if (terminal.leader == 0)
		lead(program, context);
	assert_true(terminal.leader > 0);
	return terminal;
}

void pseudo_terminal_type(struct pseudo_terminal *terminal, const char *text)
{
	assert_int_equal(write(terminal->fd, text, strlen(text)), strlen(text));
}

static void read_more(struct pseudo_terminal *terminal, const char *awaited)
{
	struct pollfd ready = {.fd = terminal->fd, .events = POLLIN};
	char chunk[512];
	ssize_t got = poll(&ready, 1, PATIENCE_MS) == 1 ? read(terminal->fd, chunk, sizeof(chunk)) : -1;

	if (got <= 0)
		fail_msg("the terminal never showed '%s' but '%s'", awaited, buf_text(&terminal->seen));
	assert_int_equal(buf_append(&terminal->seen, chunk, (size_t)got, NULL), 0);
}

/* Where the program's last words end; NULL: it has not ended yet. */
static const char *find_end(struct pseudo_terminal *terminal)
{
	const char *end = strstr(buf_text(&terminal->seen), END);

	return end && strlen(end) >= END_BYTES ? end : NULL;
}

void pseudo_terminal_await(struct pseudo_terminal *terminal, const char *text)
{
	while (!strstr(buf_text(&terminal->seen), text)) {
		if (find_end(terminal))
			fail_msg("the process ended without '%s': '%s'", text, buf_text(&terminal->seen));
		read_more(terminal, text);
	}
}

int pseudo_terminal_end(struct pseudo_terminal *terminal)
{
	const char *end;
	int status;

	while (!(end = find_end(terminal)))
		read_more(terminal, "the end");
	status = atoi(end + 1);
	terminal->seen.len = (size_t)(end - terminal->seen.data);
	terminal->seen.data[terminal->seen.len] = '\0';
	(void)close(terminal->fd);
	assert_int_equal(waitpid(terminal->leader, NULL, 0), terminal->leader);
	return status;
}
