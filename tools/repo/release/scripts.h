/* Looks into the programs of a release that are scripts, for what will hardly run on a terminal. */
#ifndef TOOLS_REPO_RELEASE_SCRIPTS_H
#define TOOLS_REPO_RELEASE_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "manifests/release/release.h"
#include "tools/repo/release/problems.h"

#define SCRIPTS_INTERPRETERS_MOST 16

/* Zeroed at the beginning: interpreters that were told already. */
struct scripts {
	char interpreters[SCRIPTS_INTERPRETERS_MOST][128];
	size_t count;
};

/* PATH in the folder DIR_FD is a program of RELEASE, all of whose files are known; terminals run it themselves where it is RUN. Tells of
 * line ends that a terminal's kernel does not understand, as a mistake where it is run; of what is run and neither a script nor an ELF
 * file; and warns once of each interpreter that every terminal must have. What cannot be read is left to others. */
void scripts_look_at(struct scripts *scripts, int dir_fd, const char *path, bool run, const struct release *release,
	struct problems *problems);

#endif
