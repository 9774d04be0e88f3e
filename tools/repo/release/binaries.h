/* Looks into the programs and libraries of a release that are ELF files, for what will not run on terminals: those of another
 * architecture, and libraries that neither the release nor every terminal has. */
#ifndef TOOLS_REPO_RELEASE_BINARIES_H
#define TOOLS_REPO_RELEASE_BINARIES_H

#include <stdbool.h>

#include "manifests/release/release.h"
#include "tools/repo/release/problems.h"

#define BINARIES_LIBRARIES_MOST 128

struct binaries_library {
	char name[96];
	char needed_by[192]; /* the first that needs it */
};

/* Begins with WANTED alone set, or zeroed. */
struct binaries {
	const char *wanted;    /* the architecture of the terminals, such as "amd64"; NULL: not said */
	const char *seen;      /* that of the first one */
	char seen_in[192];     /* which that was */
	bool has_told_of_both; /* that there are several */
	struct binaries_library libraries[BINARIES_LIBRARIES_MOST];
	size_t count;
};

/* ERROR_USAGE where NAME is no architecture that is known here. */
WARN_UNUSED int binaries_check_architecture(const char *name, struct error *err);

/* PATH in the folder DIR_FD. One for another architecture is a mistake where terminals RUN it themselves, and told elsewhere. What is no
 * ELF file, or cannot be read, is left to others. */
void binaries_look_at(struct binaries *binaries, int dir_fd, const char *path, bool run, struct problems *problems);

/* Once all files are known: tells of each library that is missing. */
void binaries_judge(const struct binaries *binaries, const struct release *release, struct problems *problems);

#endif
