/* Is somebody using the terminal? What restarts it, or powers it down, asks here first. */
#ifndef AGENT_RESTART_IN_USE_H
#define AGENT_RESTART_IN_USE_H

#include "agent/base/terminal.h"

/* What [restart] in_use_command says; where there is none, whether somebody is signed in. */
WARN_UNUSED int in_use_ask(struct terminal *terminal, bool *ret_in_use, struct error *err);

/* Stricter: somebody is signed in, or the command, where there is one, says so. */
WARN_UNUSED int in_use_ask_strictly(struct terminal *terminal, bool *ret_in_use, struct error *err);

#endif
