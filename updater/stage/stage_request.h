/* What is asked for when a release is to be staged, and how far that is. */
#ifndef UPDATER_STAGE_STAGE_REQUEST_H
#define UPDATER_STAGE_STAGE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "manifests/release/release.h"

struct stage_progress {
	uint64_t wire_bytes; /* fetched so far in this call */
	uint64_t wire_total; /* to be fetched in this call */
	/* Of payload that needed no fetching: files unchanged, there from before a cut, or made by a delta. */
	uint64_t saved_bytes;
	uint64_t saved_by_resume; /* so much of it was there from before a cut */
	uint64_t saved_by_delta;  /* so much of it the delta made, beyond its own length */
	uint64_t did_not_come_out; /* files that the delta describes and that the frames had to bring */
	uint64_t unpacked_bytes;
	uint64_t unpacked_total;
};

/* A release of another package that is installed here: what it has with the same digest need not be fetched. */
struct stage_neighbour {
	int versions_dir_fd; /* its package's folder of releases */
	const char *folder;  /* its name there */
};

struct stage_request {
	const struct release *release;
	const void *release_json; /* the verified bytes, kept beside the staged folder */
	size_t release_json_len;
	const char *folder;	    /* package_release_folder(): the name it gets in VERSIONS_DIR_FD */
	int versions_dir_fd;	    /* the package's folder of releases */
	int cache_dir_fd;	    /* frames of a file still incomplete wait here; may be emptied at any time */
	const char *current_folder; /* name in VERSIONS_DIR_FD of the current release, or NULL */
	bool mends; /* CURRENT_FOLDER holds this same release, damaged: what is sound of it is taken */
	const struct stage_neighbour *neighbours;
	size_t neighbours_count;
	const char *payload_url;    /* of the target, with its digest in the name */
	/* Of a delta from the current release to this one, or NULL. Used where it is smaller than the frames that are
	 * needed, and never trusted: the frames make up for a wrong one. */
	const char *delta_url;
	uint64_t delta_length; /* these two as the trusted metadata say */
	struct sha256 delta_sha256;
	uint64_t reserve_bytes; /* that must stay free on the disk afterwards */
	uint64_t reserve_files; /* so many must it be able to hold afterwards; see disk_check_room() */
	/* Called at every frame; -1 with ERR set (ERROR_STOPPED) ends it there. What is done stays for the next time.
	 */
	int (*progress)(void *context, const struct stage_progress *progress, struct error *err);
	void *context;
};

#endif
