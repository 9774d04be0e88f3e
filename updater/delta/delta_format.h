/* What a delta file is made of: docs/repository-format.md has the description. A head, then the sections, each
 * compressed by itself; numbers inside them are variable-length, seven bits a byte, the lowest first. */
#ifndef UPDATER_DELTA_DELTA_FORMAT_H
#define UPDATER_DELTA_DELTA_FORMAT_H

#include <stdint.h>

#define DELTA_MAGIC "haishin-delta 3\n"
#define DELTA_FORMER_MAGIC "haishin-delta 2\n" /* without kinds of files, and without the last section */
#define DELTA_MAGIC_SIZE 16
#define DELTA_SECTION_HEAD_SIZE 24
#define DELTA_HEAD_SIZE(sections) (DELTA_MAGIC_SIZE + 2 * 32 + (sections)*DELTA_SECTION_HEAD_SIZE)

enum delta_section {
	DELTA_FILES,   /* which of the new release's files, from which old one, and of what kind */
	DELTA_COPIED,  /* how many bytes are old ones plus a difference */
	DELTA_ADDED,   /* how many new ones follow them */
	DELTA_SEEKS,   /* how far to go on in the old file from there */
	DELTA_EQUAL,   /* how many copied bytes stay as they are */
	DELTA_UNEQUAL, /* how many then have a difference */
	DELTA_DIFFERENCES,
	DELTA_EXTRA, /* the new bytes */
	DELTA_MAPS,  /* what the kinds of files need besides */
	DELTA_SECTIONS,
};
#define DELTA_FORMER_SECTIONS DELTA_MAPS

/* KIND(enumerator, name): what is done to an old file before bytes are taken from it, and to what comes out. Deltas have the place in
 * this list as a number, so a new one goes to the end. What a terminal does is in source.h and source.c alone; how a publisher
 * tries it is attempt_NAME() of updater/attempt. Those that look deeper into a file stand lower. */
/* clang-format off */
#define EACH_DELTA_KIND(KIND) \
	KIND(BYTES, bytes) /* nothing */ \
	KIND(MEMBERS, members) /* members of an archive are inflated, and deflated again: updater/members */ \
	KIND(ADDRESSES, addresses) /* addresses in a program are led through a map: updater/rewrite */
/* clang-format on */

enum delta_kind {
#define DELTA_ENUMERATOR(enumerator, name) DELTA_##enumerator,
	EACH_DELTA_KIND(DELTA_ENUMERATOR)
#undef DELTA_ENUMERATOR
		DELTA_KINDS,
};

/* Of DELTA_ADDRESSES: .eh_frame_hdr is left out and made anew. */
#define DELTA_MAKES_INDEX 1u

enum delta_packing { DELTA_ZSTD = 'z', DELTA_XZ = 'x' };

/* Bounds what a terminal needs to unpack any delta. */
#define DELTA_WINDOW_LOG 22
#define DELTA_XZ_MEMORY ((6u << 20) + 65536)

#endif
