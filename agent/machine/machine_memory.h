/* How much memory is left. */
#ifndef AGENT_MACHINE_MACHINE_MEMORY_H
#define AGENT_MACHINE_MACHINE_MEMORY_H

#include "agent/machine/machine_fault.h"

/* As the kernel says in proc/meminfo: below the terminal's root where that has one, else the machine's. */
void machine_look_at_memory(const struct machine_question *question, struct machine *machine);

#endif
