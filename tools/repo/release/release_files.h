/* A release as "pack" wrote it: its JSON, and its payload beside it, unpacked into a folder that goes away again. */
#ifndef TOOLS_REPO_RELEASE_RELEASE_FILES_H
#define TOOLS_REPO_RELEASE_RELEASE_FILES_H

#include "common/auto.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/fs.h"
#include "manifests/release/release.h"

struct release_files {
	struct fs *fs; /* borrowed */
	struct release *release;
	struct buf json;		/* its own bytes */
	struct sha256 id;		/* SHA-256 of them */
	char *beside;			/* the folder of its files */
	char unpacked[FS_OWN_DIR_SIZE]; /* in that folder; "" if none */
	int beside_fd;
	int dir_fd; /* of the unpacked files; -1: not unpacked */
};

#define RELEASE_FILES_INIT(files_fs)                                                                                 \
	{                                                                                                            \
		.fs = (files_fs), .json = BUF_INIT(RELEASE_MAX_BYTES), .beside_fd = -1, .dir_fd = -1                 \
	}

void release_files_clear(struct release_files *files);
DEFINE_AUTO(release_files, struct release_files, release_files_clear);

/* Reads the JSON at PATH. */
WARN_UNUSED int release_files_read(struct release_files *files, const char *path, struct error *err);
/* Unpacks the payload, once its digests are right. ERROR_NOT_FOUND where it does not stand beside the JSON. */
WARN_UNUSED int release_files_unpack(struct release_files *files, struct error *err);

#endif
