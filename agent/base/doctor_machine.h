/* What the judge of the machine found, as hops of the doctor's walk: the agent's, and that of the command line where no agent
 * runs. */
#ifndef AGENT_BASE_DOCTOR_MACHINE_H
#define AGENT_BASE_DOCTOR_MACHINE_H

#include "agent/base/doctor_hop.h"
#include "agent/machine/machine.h"

/* As what the doctor tells of KIND. */
enum doctor_finding doctor_machine_finding(enum machine_fault_kind kind);

/* Each fault at its hop, and each hop that has none as sound. */
void doctor_machine_tell(
	const struct config *config, const struct machine *machine, doctor_take *take, void *context);

#endif
