/* What a delta file is made of: docs/staging.md has the description. A head of fixed size, then the sections, each
 * compressed by itself; numbers inside them are variable-length, seven bits a byte, the lowest first. */
#ifndef UPDATER_DELTA_DELTA_FORMAT_H
#define UPDATER_DELTA_DELTA_FORMAT_H

#include <stdint.h>

#define DELTA_MAGIC "haishin-delta 2\n"
#define DELTA_MAGIC_SIZE 16
#define DELTA_SECTION_HEAD_SIZE 24
#define DELTA_HEAD_SIZE (DELTA_MAGIC_SIZE + 2 * 32 + DELTA_SECTIONS * DELTA_SECTION_HEAD_SIZE)

enum delta_section {
	DELTA_FILES,   /* which of the new release's files, and from which old one */
	DELTA_COPIED,  /* how many bytes are old ones plus a difference */
	DELTA_ADDED,   /* how many new ones follow them */
	DELTA_SEEKS,   /* how far to go on in the old file from there */
	DELTA_EQUAL,   /* how many copied bytes stay as they are */
	DELTA_UNEQUAL, /* how many then have a difference */
	DELTA_DIFFERENCES,
	DELTA_EXTRA, /* the new bytes */
	DELTA_SECTIONS,
};

enum delta_packing { DELTA_ZSTD = 'z', DELTA_XZ = 'x' };

/* Bounds what a terminal needs to unpack any delta. */
#define DELTA_WINDOW_LOG 22
#define DELTA_XZ_MEMORY ((6u << 20) + 65536)

#endif
