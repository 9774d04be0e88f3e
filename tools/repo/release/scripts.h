/* Looks into the programs of a release that are scripts, for what will hardly run on a terminal. */
#ifndef TOOLS_REPO_RELEASE_SCRIPTS_H
#define TOOLS_REPO_RELEASE_SCRIPTS_H

#include <stdbool.h>

#include "manifests/release/release.h"
#include "tools/repo/release/problems.h"

#define SCRIPTS_INTERPRETERS_MOST 16

/* Zeroed at the beginning: interpreters that were told already. */
struct scripts {
	char interpreters[SCRIPTS_INTERPRETERS_MOST][128];
	size_t count;
};

/* True where terminals run the program PATH before they believe the release. */
bool scripts_is_run_by_terminals(const struct release *release, const char *path);

/* The file NAME of the folder DIR_FD is the program PATH of RELEASE. Tells of line ends that a terminal's kernel does not
 * understand, as a mistake where a check or the migration is that program; and warns once of each interpreter that every terminal
 * must have. What cannot be read is left to others. */
void scripts_look_at(struct scripts *scripts, int dir_fd, const char *name, const char *path,
	const struct release *release, struct problems *problems);

#endif
