/* under_filter ALLOWED [--try NAME...] [PROGRAM ARGUMENT...]: runs a program, or tries system calls, under the filter that a unit's
 * SystemCallFilter= makes: all that file ALLOWED does not name, a word each, is refused. --try prints each name that goes through. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* No kernel gives it as a reason, so that a refusal of the filter is told from others. */
#define MARK EXFULL

static int die(const char *what)
{
	(void)fprintf(stderr, "under_filter: %s\n", what);
	return 99;
}

/* What this machine has no number for (sockets of other architectures) is not called here. */
static int load(const char *path, uint32_t refusal)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(refusal));
	FILE *allowed = fopen(path, "re");
	char name[64];
	int result = filter && allowed ? 0 : -1;

	while (result == 0 && fscanf(allowed, "%63s", name) == 1) {
		int number = seccomp_syscall_resolve_name(name);

		if (number >= 0)
			result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	}
	if (result == 0)
		result = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	if (allowed)
		(void)fclose(allowed);
	return result;
}

/* In a process of its own: some of what might go through ends it. */
static int goes_through(const char *name)
{
	int number = seccomp_syscall_resolve_name(name), status;
	pid_t pid;

	if (number < 0)
		return 0;
	if ((pid = fork()) == 0)
		_exit(syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) == -1 && errno == MARK ? 0 : 1);
	return pid < 0 || waitpid(pid, &status, 0) != pid || status != 0;
}

int main(int argc, char **argv)
{
	int tries = argc > 2 && strcmp(argv[2], "--try") == 0;

	if (argc < 3)
		return die("says what to run under which filter");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || load(argv[1], tries ? MARK : EPERM) < 0)
		return die("there is no such filter");
	if (!tries) {
		(void)execvp(argv[2], argv + 2);
		return die("the program does not start");
	}
	for (int i = 3; i < argc; i++)
		if (goes_through(argv[i]))
			(void)puts(argv[i]);
	return 0;
}
