#include "tests/proofs/fault.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/proofs/disk.h"

void fault_init(struct fault *fault)
{
	*fault = (struct fault){.disk_fd = -1, .copy_fd = -1};
	fault->account =
		mmap(NULL, sizeof(*fault->account), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert(fault->account != MAP_FAILED);
}

void fault_clear(struct fault *fault)
{
	fd_close(&fault->disk_fd);
	fd_close(&fault->copy_fd);
	(void)munmap(fault->account, sizeof(*fault->account));
}

static int happen(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	struct fault *fault = fs->context;
	struct fault_account *account = fault->account;

	account->changes = number;
	if (fault->trace)
		trace_note(fault->trace, "%" PRIu64 " %s '%s'", number, fs_change_name(change), path);
	if (!fault->at || (fault_lasts(fault->kind) ? number < fault->at : number != fault->at))
		return 0;
	if (!account->fired) {
		account->fired = true;
		account->at = number;
		account->change = change;
		(void)snprintf(account->path, sizeof(account->path), "%s", path);
	}
	if (fault->kind == FAULT_FAIL || fault->kind == FAULT_FAIL_ON)
		return fault->sys;
	if (fault->kind == FAULT_POWER)
		disk_copy(fault->disk_fd, fault->copy_fd);
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause();
}

bool fault_lasts(enum fault_kind kind)
{
	static const bool lasts[] = {
#define FAULT_LASTS(enumerator, lasts, share) lasts,
		EACH_FAULT(FAULT_LASTS)
#undef FAULT_LASTS
	};

	return lasts[kind];
}

enum fault_kind fault_of_share(uint64_t number)
{
	static const uint64_t shares[] = {
#define FAULT_OF_SHARE(enumerator, lasts, share) share,
		EACH_FAULT(FAULT_OF_SHARE)
#undef FAULT_OF_SHARE
	};
	size_t kind = 0;

	while (number >= shares[kind])
		number -= shares[kind++];
	return (enum fault_kind)kind;
}

void fault_arm(struct fault *fault, struct fs *fs)
{
	*fault->account = (struct fault_account){0};
	fs->changes = 0;
	fs->context = fault;
	fs->before_change = happen;
}

void fault_disarm(struct fs *fs)
{
	fs->before_change = NULL;
}
