/* Reads a folder that is to become a release: what is in it, in the order of the payload. */
#ifndef TOOLS_REPO_RELEASE_PACK_TREE_H
#define TOOLS_REPO_RELEASE_PACK_TREE_H

#include "common/error.h"
#include "common/fs.h"
#include "manifests/release/release.h"
#include "tools/repo/release/problems.h"

struct tree_options {
	bool follow_links;	  /* what a link points to stands in its place, where no terminal may get the link */
	const char *architecture; /* of the terminals, such as "amd64"; NULL: not said */
	uint64_t most_bytes;	  /* of all files; a hole counts */
};

/* Fills files and installed_bytes of RELEASE, whose memory is an arena already: by path in byte order, folders 0755,
 * files 0755 where they are programs, else 0644. Digests and tar offsets come later. What cannot be delivered goes into
 * PROBLEMS, each with its path: special files, setuid bits, capabilities, access lists, links that leave the folder, names
 * that not every terminal can hold, more bytes than MOST_BYTES; so does what will hardly work. -1 only where the folder cannot be read. */
WARN_UNUSED int tree_read(struct fs *fs, int folder_fd, const struct tree_options *how, struct release *release,
	struct problems *problems, struct error *err);

#endif
