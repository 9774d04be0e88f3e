/* One fault at a numbered durable step (common/fs.h). */
#ifndef TESTS_PROOFS_FAULT_H
#define TESTS_PROOFS_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/fs.h"
#include "tests/proofs/trace.h"

enum fault_kind {
	FAULT_END,     /* the process is killed; what it wrote is there */
	FAULT_POWER,   /* the disk is copied as it is on the medium, then the process is killed */
	FAULT_FAIL,    /* that step fails */
	FAULT_FAIL_ON, /* that step and all after it fail */
}; /* what each does is in happen() of fault.c; it is lived through where it has a row in the ways of crash_points.c or failed_writes.c */

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
	int sys;     /* FAULT_FAIL: the errno value */
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
