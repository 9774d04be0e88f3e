/* Real releases for tests: a tar of frames, and the JSON that describes it, as a publisher makes them. */
#ifndef TESTS_SUPPORT_PAYLOAD_H
#define TESTS_SUPPORT_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/transport.h"
#include "manifests/release/release.h"

/* One entry of a release; folders stand before what they hold. A path that ends in '/' is a folder. */
struct payload_entry {
	const char *path;
	const void *data; /* a file's content */
	size_t size;
	const char *link; /* a link's target; NULL for files and folders */
	uint32_t mode;	  /* 0: 0755 for folders, 0644 for files */
};

struct payload {
	struct release *release; /* as release_parse gave it */
	struct buf json;
	struct buf bytes;		  /* the payload */
	char folder[PACKAGE_FOLDER_SIZE]; /* its name on disk */
};

/* Ends the program where it cannot. FRAME_BYTES of tar go into a frame; a file larger than that fills several, and
 * small files share one, as long as they fit. */
void payload_init(struct payload *payload, const char *package, const char *version,
	const struct payload_entry *entries, size_t count, size_t frame_bytes);
void payload_clear(struct payload *payload);

/* SIZE bytes that compress by about half, the same for the same SEED; the caller frees them. */
void *payload_noise(uint32_t seed, size_t size);

/* A server in this process that holds one payload and can misbehave. */
struct payload_server {
	const struct payload *payload; /* borrowed */
	struct transport transport;
	/* What happened. */
	unsigned requests;
	uint64_t bytes;
	/* What it does wrong. */
	uint64_t cut_after;  /* bytes of one transfer after which it is cut (ERROR_NETWORK); 0: never */
	uint64_t end_after;  /* bytes of one transfer after which it ends as if whole; 0: never */
	uint64_t corrupt_at; /* 1 + the offset in the payload of a byte that is wrong; 0: none */
	bool is_longer;	     /* bytes behind what was asked for */
};

void payload_server_init(struct payload_server *server, const struct payload *payload);

#endif
