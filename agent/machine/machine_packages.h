/* The folders of packages, as releases and guard need them. */
#ifndef AGENT_MACHINE_MACHINE_PACKAGES_H
#define AGENT_MACHINE_MACHINE_PACKAGES_H

#include "agent/machine/machine_fault.h"

/* Of each package that this terminal runs: current and previous are links where they are there, what holds them is a folder. One
 * that has no folder yet is sound. */
void machine_look_at_packages(const struct machine_question *question, struct machine *machine);

#endif
