/* A file's bytes in memory, or a file in memory. */
#ifndef UPDATER_ATTEMPT_CONTENT_H
#define UPDATER_ATTEMPT_CONTENT_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "updater/tree/tree.h"

struct content {
	int fd;
	uint8_t *bytes; /* mapped; what is written to them goes nowhere else. NULL where there are none */
	size_t len;
};

#define CONTENT_INIT                                                                                                 \
	{                                                                                                            \
		.fd = -1                                                                                             \
	}

void content_clear(struct content *content);
DEFINE_AUTO(content, struct content, content_clear);

/* Maps a file of a release. ERROR_INPUT where it has another size. */
WARN_UNUSED int content_read(
	struct tree *tree, const struct release_file *file, struct content *ret_content, struct error *err);

/* An empty file in memory; then, once something has written to its descriptor, its bytes. */
WARN_UNUSED int content_scratch(struct content *ret_content, struct error *err);
WARN_UNUSED int content_map(struct content *content, struct error *err);

#endif
