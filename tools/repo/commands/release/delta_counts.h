/* How many terminals run which version of a package: given by hand, or as the collector tells it. */
#ifndef TOOLS_REPO_COMMANDS_RELEASE_DELTA_COUNTS_H
#define TOOLS_REPO_COMMANDS_RELEASE_DELTA_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/fs.h"
#include "manifests/base/version.h"

#define DELTA_COUNTS_MOST 1000u

struct delta_count {
	char version[VERSION_TEXT_SIZE];
	uint64_t terminals;
	bool is_here;  /* its release stands beside the new one */
	uint64_t each; /* bytes that one of them fetches without a delta */
	double share;  /* of what all fetch */
	bool is_worth;
};

struct delta_counts {
	struct delta_count all[DELTA_COUNTS_MOST];
	size_t count;
};

/* Reads the versions and their terminals from the file: lines of "VERSION,TERMINALS", or, where its first line has the names
 * of columns, the table that the collector gives for /api/v1/releases?format=csv, of which the rows of this package are taken.
 * ERROR_INPUT names the line that is neither, a version that comes twice, or a line too many (DELTA_COUNTS_MOST); what the
 * counts hold is then of no use. */
int delta_counts_read(
	struct fs *fs, const char *path, const char *package, struct delta_counts *ret_counts, struct error *err);

#endif
