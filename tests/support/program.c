#include "tests/support/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void need(int true_value, const char *what)
{
	if (true_value)
		return;
	(void)fprintf(stderr, "test program: %s: %s\n", what, strerror(errno));
	abort();
}

void program_start(struct program *program, const char *const *argv, int pass_fd)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int out[2];

	need(pipe2(out, O_CLOEXEC) == 0, "pipe");
	need(posix_spawn_file_actions_init(&actions) == 0, "actions");
	need(posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO) == 0, "output");
	need(posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO) == 0, "output");
	if (pass_fd >= 0)
		need(posix_spawn_file_actions_adddup2(&actions, pass_fd, 3) == 0, "descriptor");
	(void)sigemptyset(&none); /* whatever the test itself blocks */
	need(posix_spawnattr_init(&attributes) == 0 && posix_spawnattr_setsigmask(&attributes, &none) == 0 &&
			posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK) == 0,
		"attributes");
	need((errno = posix_spawnp(
		      &program->pid, argv[0], &actions, &attributes, (char *const *)(size_t)argv, environ)) == 0,
		argv[0]);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(out[1]);
	program->out_fd = out[0];
}

void program_read_line(struct program *program, char *ret_line, size_t size)
{
	size_t len = 0;

	while (len + 1 < size && read(program->out_fd, ret_line + len, 1) == 1 && ret_line[len] != '\n')
		len++;
	ret_line[len] = '\0';
}

int program_wait(struct program *program, char *ret_output, size_t size)
{
	char dropped[4096];
	size_t len = 0;
	ssize_t got;
	int status;

	do {
		bool keep = ret_output && len + 1 < size;

		got = read(
			program->out_fd, keep ? ret_output + len : dropped, keep ? size - 1 - len : sizeof(dropped));
		if (keep && got > 0)
			len += (size_t)got;
	} while (got > 0);
	if (ret_output)
		ret_output[len] = '\0';
	(void)close(program->out_fd);
	need(waitpid(program->pid, &status, 0) == program->pid, "wait");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int program_stop(struct program *program, int signal, char *ret_output, size_t size)
{
	(void)kill(program->pid, signal);
	return program_wait(program, ret_output, size);
}

long program_cpu_ms(const struct program *program)
{
	unsigned long user, kernel;
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)program->pid);
	need((file = fopen(path, "r")) != NULL, "look at");
	need(fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) == 2, "read of");
	(void)fclose(file);
	return (long)((user + kernel) * 1000 / (unsigned long)sysconf(_SC_CLK_TCK));
}
