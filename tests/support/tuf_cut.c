#include "tests/support/tuf_cut.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"

int tuf_cut_here(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	const struct tuf_cut *cut = fs->context;

	(void)change;
	(void)path;
	if (number != cut->at)
		return 0;
	if (!cut->sys)
		(void)raise(SIGKILL);
	return cut->sys;
}

bool tuf_cut_download(struct tuf_site *site, uint64_t n, const char *path)
{
	struct tuf_cut cut = {.at = n};
	int status;
	pid_t child;

	(void)fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		site->fs.changes = 0;
		site->fs.before_change = tuf_cut_here;
		site->fs.context = &cut;
		_exit(tuf_site_download_one(site, path) < 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}
