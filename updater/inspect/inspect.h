/* Is a folder on disk still the release that was put there? Everything is compared with the release's own words, which its
 * vendor signed: names, kinds, sizes, modes and links at once, contents as far as they are asked for. Reads only, and leaves no
 * trace of it where the file system lets that be. */
#ifndef UPDATER_INSPECT_INSPECT_H
#define UPDATER_INSPECT_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/fs.h"
#include "manifests/release/release.h"
#include "updater/inspect/inspect_kinds.h"
#include "updater/tree/needs.h"

struct inspect_options {
	struct fs *fs; /* borrowed, as all below */
	int folder_fd; /* of the release's files */
	const struct release *release;
	/* In the background: one thread, and what was read does not stay in memory. */
	bool is_quiet;
	/* Called for each thing that is wrong, in no order; -1 ends it. PATH is borrowed. */
	int (*found)(void *context, enum inspect_kind kind, const char *path, struct error *err);
	/* Called now and then with the bytes read by inspect_read(); -1 ends it. May be NULL. */
	int (*went_on)(void *context, uint64_t bytes, struct error *err);
	void *context;
};

struct inspect {
	struct inspect_options options;
	struct needs needs;  /* finds entries by their path */
	uint64_t *prints;    /* glance_of() each entry, as inspect_shape() found it; GLANCE_UNKNOWN where it is wrong */
	bool *sound;	     /* an entry that is as it should be; of a file only once it was read */
	bool *wrong;	     /* something was told of it */
	uint64_t files_read;
	uint64_t bytes_read;
};

/* How a kind is named in JSON, such as "changed". */
const char *inspect_kind_name(enum inspect_kind kind);

WARN_UNUSED int inspect_init(struct inspect *inspect, const struct inspect_options *options, struct error *err);
void inspect_clear(struct inspect *inspect);
DEFINE_AUTO(inspect, struct inspect, inspect_clear);

/* Looks at each entry, and for what is there besides. Before inspect_read(), once. */
WARN_UNUSED int inspect_shape(struct inspect *inspect, struct error *err);

/* Reads the files from the FROM-th entry on that are in WHICH (NULL: all) and have the right shape, up to MOST_BYTES and at
 * least one; *RET_NEXT is the first entry that was not reached. Several threads read where it is not quiet. */
WARN_UNUSED int inspect_read(struct inspect *inspect, const bool *which, size_t from, uint64_t most_bytes,
	size_t *ret_next, struct error *err);

#endif
