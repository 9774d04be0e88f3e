/* What a program of a package uses, beyond what the limits of each process hold: memory of all its processes together, and the
 * disk that its data lies on. Inside rollback/sandbox only. */
#ifndef ROLLBACK_SANDBOX_WATCH_H
#define ROLLBACK_SANDBOX_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "rollback/sandbox/surroundings.h"

struct watch {
	bool own_proc; /* /proc shows the program's processes and no others */
	uint64_t memory_most;
	uint64_t free_least; /* bytes of the disk */
	uint64_t files_most; /* on the disk, others' too */
	char data[4096];
};

/* Begins before the program does. Without OWN_PROC memory is not watched. */
void watch_init(struct watch *watch, const struct sandbox *sandbox, bool own_proc);

/* What there is too much of, as a sentence; NULL where all is well. */
const char *watch_find_too_much(const struct watch *watch);

#endif
