/* Reads a folder that is to become a release: what is in it, in the order of the payload. */
#ifndef TOOLS_REPO_RELEASE_PACK_TREE_H
#define TOOLS_REPO_RELEASE_PACK_TREE_H

#include "common/error.h"
#include "common/fs.h"
#include "manifests/release/release.h"

/* Fills files and installed_bytes of RELEASE, whose memory is an arena already: by path in byte order, folders 0755,
 * files 0755 where they are programs, else 0644. Digests and tar offsets come later. ERROR_INPUT names what cannot be
 * delivered: special files, setuid bits, links that leave the folder, names that not every terminal can hold. */
WARN_UNUSED int tree_read(struct fs *fs, int folder_fd, struct release *release, struct error *err);

#endif
