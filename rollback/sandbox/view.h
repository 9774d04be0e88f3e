/* The files that a program of a package sees: a root of its own, made of what the sandbox says. Inside rollback/sandbox only. */
#ifndef ROLLBACK_SANDBOX_VIEW_H
#define ROLLBACK_SANDBOX_VIEW_H

#include "common/error.h"
#include "rollback/sandbox/surroundings.h"

/* Replaces the root of this process, which is in mount and process namespaces of its own and may mount in them. What fails
 * leaves it half made: the process is of no more use. */
WARN_UNUSED int view_enter(const struct sandbox *sandbox, struct error *err);

#endif
