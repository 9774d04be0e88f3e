/* Release notes from the files that a vendor wrote: --notes LANGUAGE=FILE. */
#ifndef TOOLS_REPO_RELEASE_NOTES_FILES_H
#define TOOLS_REPO_RELEASE_NOTES_FILES_H

#include "common/error.h"
#include "common/fs.h"
#include "manifests/release/release.h"
#include "common/command_line/args.h"
#include "tools/repo/release/problems.h"

/* Adds each to RELEASE. A byte order mark, carriage returns, tabs and blanks at the ends of lines, which editors leave, are taken out;
 * all else that is no plain text goes to PROBLEMS, with file and line. */
WARN_UNUSED int notes_files_read(struct fs *fs, const struct args *args, struct release *release,
	struct problems *problems, struct error *err);

#endif
