/* Rewrites an old program as if its code stood where the new one's stands: every field that is found is led through
 * the shift map. Both sides of a delta do so, and the difference is taken from what comes out. Never executed, never
 * installed: only bytes to compare with. */
#ifndef UPDATER_REWRITE_REWRITE_H
#define UPDATER_REWRITE_REWRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"
#include "updater/rewrite/shifts.h"

/* Copies the SIZE bytes of OLD_FD into SCRATCH_FD, rewritten; its index of functions empty where WITHOUT_INDEX. Takes
 * some hundred KiB of memory, and a bit for each 4 bytes of constants. ERROR_NOT_FOUND where it is no program that is
 * understood; ERROR_DAMAGED where it is shorter; errors of writing. */
WARN_UNUSED int rewrite_program(int old_fd, uint64_t size, const struct shifts *shifts, bool without_index,
	int scratch_fd, struct error *err);

#endif
