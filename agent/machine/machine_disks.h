/* Every folder that haishin writes: bytes, files, quotas, read-only, noexec. */
#ifndef AGENT_MACHINE_MACHINE_DISKS_H
#define AGENT_MACHINE_MACHINE_DISKS_H

#include "agent/machine/machine_fault.h"

/* A folder that is not there yet stands for the disk on which it would be made. One disk is named once, by the first of its
 * folders. */
void machine_look_at_disks(const struct machine_question *question, struct machine *machine);

#endif
