/* What a delta is made of, how, and what is told meanwhile. */
#ifndef UPDATER_DELTA_MAKE_DELTA_OPTIONS_H
#define UPDATER_DELTA_MAKE_DELTA_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/digest.h"
#include "manifests/release/release.h"
#include "updater/delta/delta_format.h"

struct delta_side {
	const struct release *release;
	struct sha256 id; /* SHA-256 of its JSON */
	int dir_fd;	  /* its files, as they are installed */
};

/* The ways to make a file: by an enum delta_kind, or of new bytes alone. */
#define DELTA_WHOLE DELTA_KINDS
#define DELTA_WAYS (DELTA_KINDS + 1)

/* What was chosen for one file, and why. */
struct delta_choice {
	const char *path;
	const char *from;  /* the old file; NULL: none */
	uint64_t too_much; /* bytes of memory that comparing them takes, where there are not so many; 0: there are */
	int way;
	uint64_t estimates[DELTA_WAYS]; /* bytes in the delta, roughly, each by itself; 0: not tried */
	size_t done;			/* files that were looked at, this one among them */
	size_t total;
};

struct delta_options {
	bool former_format; /* as agents read that do not know kinds of files */
	unsigned threads;   /* 0: as many as there are processors */
	/* Files are compared side by side within so many bytes, and what takes more by itself is not compared. 0: within
	 * DELTA_MEMORY_USUAL, and what takes more is compared alone. */
	uint64_t memory;
	/* Called for each file, one call at a time, from any thread. May be NULL. */
	void (*chose)(void *context, const struct delta_choice *choice);
	void *context;
};

#define DELTA_MEMORY_USUAL (UINT64_C(1) << 30)

#endif
