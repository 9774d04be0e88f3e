/* Fetches a delta into the cache. It is read from there only once its whole digest is right. */
#ifndef UPDATER_STAGE_DELTA_FETCH_H
#define UPDATER_STAGE_DELTA_FETCH_H

#include <stdint.h>

#include "common/digest.h"
#include "common/env.h"
#include "common/error.h"

struct delta_fetch {
	const struct env *env; /* borrowed, as all below */
	const char *url;
	uint64_t length;
	struct sha256 sha256;
	int cache_dir_fd;
	const char *folder; /* it waits in the cache as "FOLDER.delta" */
	/* Called as bytes come, with how many did; -1 ends it. */
	int (*arrived)(void *context, uint64_t wire_bytes, struct error *err);
	void *context;
	uint64_t wire_bytes; /* came in all */
};

/* Goes on where a cut left it. RET_FD reads it. ERROR_REFUSED where it is not what its target says; then it is
 * removed. */
WARN_UNUSED int delta_fetch(struct delta_fetch *fetch, int *ret_fd, struct error *err);

/* Removes it from the cache. */
void delta_fetch_drop(const struct delta_fetch *fetch);

#endif
