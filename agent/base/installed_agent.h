/* The agent that this machine's own packages installed, beside the one that was delivered and runs. */
#ifndef AGENT_BASE_INSTALLED_AGENT_H
#define AGENT_BASE_INSTALLED_AGENT_H

#include <stdbool.h>

#include "agent/config/config.h"
#include "manifests/base/version.h"

/* True where a newer one than this program is installed: its version, which stands in the file "version" beside its programs. A
 * delivered agent goes before it whatever its version is, so that the way back stays in one hand. */
bool installed_agent_is_newer(struct fs *fs, const struct config *config, char ret_version[static VERSION_TEXT_SIZE]);

#endif
