/* Unpacks any archive that libarchive reads into an empty folder, from where it is packed anew. */
#ifndef TOOLS_REPO_RELEASE_UNARCHIVE_H
#define TOOLS_REPO_RELEASE_UNARCHIVE_H

#include <stdint.h>

#include "common/error.h"
#include "common/fs.h"
#include "common/json.h"
#include "manifests/release/release.h"

/* Where nobody says otherwise, an archive unpacks to no more than that. */
#define UNARCHIVE_MOST_BYTES (UINT64_C(16) << 30)

struct unarchive_options {
	int strip;	     /* leading components that are taken off each path; members with no more are left out */
	uint64_t most_bytes; /* of all files together; beyond that ERROR_INPUT, while it is unpacked */
};

/* ARCHIVE_PATH "-" is standard input. Members stay below FOLDER_FD, at most RELEASE_MAX_FILES of them. ERROR_INPUT
 * names a member that cannot be delivered, or the damage. RET_MEMBERS is an object whose members are the paths of all
 * that is no folder, for unarchive_check. */
WARN_UNUSED int unarchive(struct fs *fs, const char *archive_path, const struct unarchive_options *options,
	int folder_fd, json_t **ret_members, struct error *err);

/* 0 if RELEASE, as read from the folder, holds what the archive held and nothing else: somebody else may have had a hand
 * in that folder. ERROR_REFUSED names the file. */
WARN_UNUSED int unarchive_check(const json_t *members, const struct release *release, struct error *err);

#endif
