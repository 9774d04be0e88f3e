/* What stands where the agent keeps a file and is none. */
#ifndef AGENT_BASE_PLACES_H
#define AGENT_BASE_PLACES_H

#include "agent/config/config.h"
#include "common/env.h"

/* Sets aside, as NAME.aside-1 or the next number that is free beside it, each folder in the state's folders that has a file's name: no
 * file could take its place by being renamed, so that nothing would ever be written there again. Pipes, links and files are left: the
 * next writing replaces them. So are folders in the place of the store and of the terminal's key, whose readers know what their loss
 * means. What cannot be set aside is logged, and keeps nobody up. */
void places_clear(const struct env *env, const struct config *config);

#endif
