/* haishin's own files and folders, and the settings: empty, cut, missing, or somebody else's. */
#ifndef AGENT_MACHINE_MACHINE_FILES_H
#define AGENT_MACHINE_MACHINE_FILES_H

#include "agent/machine/machine_fault.h"

/* What WHY, of config_load(), says of the settings. */
enum machine_fault_kind machine_settings_fault(const struct error *why);

/* As the next start of the agent, or of a job, would read them. */
void machine_look_at_settings(const struct machine_question *question, struct machine *machine);

void machine_look_at_files(const struct machine_question *question, struct machine *machine);

#endif
