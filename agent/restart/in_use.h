/* Is somebody using the terminal? What restarts it, or powers it down, asks here first. */
#ifndef AGENT_RESTART_IN_USE_H
#define AGENT_RESTART_IN_USE_H

#include "agent/base/terminal.h"

/* What [restart] in_use_command says; where there is none, whether somebody is signed in. */
WARN_UNUSED int in_use_ask(struct terminal *terminal, bool *ret_in_use, struct error *err);

/* Stricter: somebody is signed in, or the command, where there is one, says so. */
WARN_UNUSED int in_use_ask_strictly(struct terminal *terminal, bool *ret_in_use, struct error *err);

/* Whether a program holds the shutdown up: one that writes a machine's firmware, say. What the service manager is asked for by root comes
 * about all the same. RET_WHO is what it calls itself, "" where that cannot be read. */
#define IN_USE_WHO_SIZE 64
bool in_use_is_held_up(const struct terminal *terminal, char ret_who[IN_USE_WHO_SIZE]);

#endif
