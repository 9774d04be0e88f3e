/* Unpacks any archive that libarchive reads into an empty folder, from where it is packed anew. */
#ifndef TOOLS_REPO_RELEASE_UNARCHIVE_H
#define TOOLS_REPO_RELEASE_UNARCHIVE_H

#include "common/error.h"
#include "common/fs.h"

/* ARCHIVE_PATH "-" is standard input. Members stay below FOLDER_FD. STRIP leading components are taken off each path;
 * members with no more than these are left out. ERROR_INPUT names a member that cannot be delivered, or the damage.
 */
WARN_UNUSED int unarchive(struct fs *fs, const char *archive_path, int strip, int folder_fd, struct error *err);

#endif
