/* System calls that no program of a package needs, and that lead deep into the kernel: none of them in the sandbox. Inside
 * rollback/sandbox only. */
#ifndef ROLLBACK_SANDBOX_CALLS_H
#define ROLLBACK_SANDBOX_CALLS_H

#include "common/error.h"

/* Of this process and all that it starts, for good. It has no new privileges any more. A kernel that filters no calls is no
 * reason against the program. */
WARN_UNUSED int calls_forbid(struct error *err);

#endif
