/* Archives for tests, as zip and jar files are: local headers and what zlib makes, with the settings a test asks for. */
#ifndef TESTS_SUPPORT_ZIP_H
#define TESTS_SUPPORT_ZIP_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"

/* Deflated in a way that no setting gives. */
#define ZIP_STRANGE 0xff

struct zip_member {
	const char *name;
	const void *data;
	size_t len;
	uint8_t setting; /* members.h; 0: stored as it is; ZIP_STRANGE */
};

/* Appends a member; ends the program where it cannot. */
void zip_add(struct buf *zip, const struct zip_member *member);
/* Appends what stands for a central directory: bytes that are no member. */
void zip_end(struct buf *zip);

#endif
