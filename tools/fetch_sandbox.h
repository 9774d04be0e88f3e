/* The rights that haishin-fetch gives up before it reads its first byte. */
#ifndef TOOLS_FETCH_SANDBOX_H
#define TOOLS_FETCH_SANDBOX_H

#include "common/error.h"

/* Becomes USER where this process is root (NULL: stays who it is); then no new privileges, no file written, no core
 * file, little memory, no look into it by others, and, where the kernel filters system calls, none but those that
 * reading files and talking to servers need: no program started, no process made or signalled, nothing created,
 * renamed or removed, no local socket, no memory run that was written. Landlock says the same of files, ports and signals,
 * where there is one. A build with sanitizers needs more calls and does without that filter. */
WARN_UNUSED int sandbox_enter(const char *user, struct error *err);

#endif
