/* The same work for many things, on several processors, within a bound on memory. */
#ifndef UPDATER_DELTA_MAKE_PARALLEL_H
#define UPDATER_DELTA_MAKE_PARALLEL_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct parallel {
	unsigned threads; /* 0: as many as there are processors */
	/* What the thing at INDEX may take, in bytes; it waits while the others at work leave less of MEMORY. One that
	 * takes more than all of it works alone. NULL: nothing worth counting. */
	uint64_t (*memory_of)(void *context, size_t index);
	uint64_t memory;
	/* Does the work; called from several threads. */
	int (*work)(void *context, size_t index, struct error *err);
	void *context;
};

/* Works through COUNT things, beginning in their order. -1 with the error of the first that failed; then the rest is
 * not begun any more. */
WARN_UNUSED int parallel_run(const struct parallel *parallel, size_t count, struct error *err);

#endif
