/* What a terminal does in a process of its own, which may be killed in the middle. */
#include "tests/proofs/subject.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"

struct account {
	bool returned;
	int result;
	struct error err;
};

static void throw_output_away(void)
{
	int fd = open("/dev/null", O_WRONLY);

	if (fd >= 0 && !getenv("PROOF_SHOWS_ALL")) {
		(void)dup2(fd, STDERR_FILENO);
		(void)dup2(fd, STDOUT_FILENO);
	}
}

static enum subject_end judge(const struct account *account, int status, struct error *err)
{
	if (account->returned && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		if (account->result < 0)
			*err = account->err;
		return account->result < 0 ? SUBJECT_FAILED : SUBJECT_DONE;
	}
	(void)error_set(err, ERROR_FAILED,
		"the process crashed, wait status 0x%x; with PROOF_SHOWS_ALL=1 in the environment it says why",
		(unsigned)status);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? SUBJECT_KILLED : SUBJECT_CRASHED;
}

enum subject_end subject_try(struct subject *subject,
	int (*what)(struct subject *subject, void *context, struct error *err), void *context, struct error *err)
{
	struct account *account =
		mmap(NULL, sizeof(*account), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	enum subject_end end;
	int status;
	pid_t pid = account == MAP_FAILED ? -1 : fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		throw_output_away();
		account->result = what(subject, context, &account->err);
		account->returned = true;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	end = judge(account, status, err);
	(void)munmap(account, sizeof(*account));
	return end;
}
