/* Which environment is chosen, where the file that says so is empty or cut, as a disk that lost its power leaves it. */
#ifndef AGENT_PROOF_ENVIRONMENT_HEAL_H
#define AGENT_PROOF_ENVIRONMENT_HEAL_H

#include "agent/base/terminal.h"

/* Writes the file anew: as the history's last chapter says, where there is none production. Nobody asks for anything of the terminal
 * before. RET_OTHER: TERMINAL was opened for another environment, so that all has to be opened anew. A file that is whole, or no
 * plain one, stays as it is. */
WARN_UNUSED int environment_heal(struct terminal *terminal, bool *ret_other, struct error *err);

#endif
