/* For which former releases a delta is worth it: told by how many terminals run them, and what these would fetch
 * without one. */
#ifndef TOOLS_REPO_COMMANDS_RELEASE_DELTA_ADVICE_H
#define TOOLS_REPO_COMMANDS_RELEASE_DELTA_ADVICE_H

#include "tools/repo/base/command.h"

/* "haishin-repo delta NEW.json --advise FILE": FILE has lines of "VERSION,TERMINALS"; former releases stand beside the
 * new one. Prints a line for each version, the one with the most bytes to save first. */
WARN_UNUSED int delta_advise(struct tool *tool, const char *new_path, struct error *err);

#endif
