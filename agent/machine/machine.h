/* The one judge of the machine: whether its disks, its memory, the settings and haishin's own files are as they must be. Status,
 * doctor, explain, the button and the night ask here, so that none says what another does not; and so does the command line
 * where no agent runs. What the guard asks of disks stands below both, in common/disk/disk.h. The clock is looked at by
 * machine_clock.h. */
#ifndef AGENT_MACHINE_MACHINE_H
#define AGENT_MACHINE_MACHINE_H

#include "agent/machine/machine_fault.h"

/* Looks at all of it. What this process may not look at counts as sound: whoever asks without rights sees less. */
void machine_look(const struct machine_question *question, struct machine *ret_machine);

/* The first fault that keeps delivery, or NULL. */
const struct machine_fault *machine_stops_delivery(const struct machine *machine);

#endif
