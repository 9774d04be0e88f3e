/* One fault at a numbered durable step (common/fs.h). */
#ifndef TESTS_PROOFS_FAULT_H
#define TESTS_PROOFS_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/fs.h"
#include "tests/proofs/trace.h"

/* KIND(enumerator, does it last from that step on, its share among the faults of random lives): what it does is in happen() of fault.c;
 * each has a row in the ways of crash_points.c or failed_writes.c. */
/* clang-format off */
#define EACH_FAULT(KIND) \
	KIND(END, false, 2) /* the process is killed; what it wrote is there */ \
	KIND(POWER, false, 0) /* the disk is copied as it is on the medium, then the process is killed; lives have no such disk */ \
	KIND(FAIL, false, 1) /* that step fails */ \
	KIND(FAIL_ON, true, 1) /* that step and all after it fail */
/* clang-format on */

enum fault_kind {
#define FAULT_ENUMERATOR(enumerator, lasts, share) FAULT_##enumerator,
	EACH_FAULT(FAULT_ENUMERATOR)
#undef FAULT_ENUMERATOR
};

bool fault_lasts(enum fault_kind kind);
/* One of them, by its share: NUMBER is below FAULT_SHARES. */
#define FAULT_SHARE(enumerator, lasts, share) +(share)
#define FAULT_SHARES (0 EACH_FAULT(FAULT_SHARE))
enum fault_kind fault_of_share(uint64_t number);

/* What a child process leaves for its parent. */
struct fault_account {
	bool fired;
	uint64_t changes; /* so many durable steps were there */
	/* Once it fired: number, kind and path of the step. */
	uint64_t at;
	enum fs_change change;
	char path[160];
};

struct fault {
	enum fault_kind kind;
	uint64_t at; /* the number of the step; 0: never */
	int sys;     /* FAULT_FAIL, FAULT_FAIL_ON: the errno value */
	/* FAULT_POWER: from where to where the disk is copied. */
	int disk_fd;
	int copy_fd;
	struct fault_account *account; /* shared by processes */
	struct trace *trace;	       /* each step is noted there; NULL: it is not */
};

void fault_init(struct fault *fault);
/* Closes its descriptors too. */
void fault_clear(struct fault *fault);
/* The fault will happen to FS. */
void fault_arm(struct fault *fault, struct fs *fs);
void fault_disarm(struct fs *fs);

#endif
