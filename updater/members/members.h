/* Members of archives: stretches of a file that are compressed by deflate, as in zip and jar files and what is built
 * upon these. Found by their local headers alone, wherever in a file they stand. */
#ifndef UPDATER_MEMBERS_MEMBERS_H
#define UPDATER_MEMBERS_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"

/* Bounds for one file: members, and bytes that go into inflating and come out, those of attempts that failed among
 * them. */
#define MEMBERS_MOST (UINT32_C(1) << 17)
#define MEMBERS_INFLATED_MOST (UINT64_C(1) << 29)

struct member {
	uint64_t packed_at; /* in the file it was found in */
	uint64_t packed_len;
	uint64_t at; /* what it inflates to, in the scratch file */
	uint64_t len;
	size_t inner; /* members found inside follow this one in the list: how many */
};

/* A file with its members inflated: in the scratch file stands everything, plain bytes and inflated ones by turns; then
 * the same for each member that is an archive itself, in which members are looked for once more (and no deeper). */
struct members {
	struct member
		*all; /* by place; each one's inner ones behind it, which have the outer one inflated as their file */
	size_t count;
	size_t room;
	uint64_t inflated; /* against MEMBERS_INFLATED_MOST */
	uint64_t len;	   /* of the scratch file */
};

void members_clear(struct members *members);
DEFINE_AUTO(members, struct members, members_clear);

/* Inflates the SIZE bytes of FD into SCRATCH_FD, an empty file. Takes some hundred KiB of memory besides the list.
 * ERROR_NOT_FOUND where there are no members; ERROR_REFUSED where there is more than the bounds allow; ERROR_DAMAGED
 * where the file cannot be read to its end; errors of writing. */
WARN_UNUSED int members_inflate(
	int fd, uint64_t size, int scratch_fd, struct members *ret_members, struct error *err);

/* How a member was compressed: zlib's level, memory level (8 or 9) and strategy, in one byte. */
#define MEMBERS_LEVEL(setting) ((setting)&0x0f)
#define MEMBERS_MEMORY(setting) ((setting)&0x10 ? 9 : 8)
#define MEMBERS_STRATEGY(setting) ((setting) >> 5)
#define MEMBERS_USUAL_SETTING 6

/* A file with its members inflated, as a delta makes it: a number of 32 bits, so many pieces; these; then their bytes,
 * one behind the other. A piece is a kind, a setting and a length of 32 bits, all little-endian. */
enum members_piece_kind {
	MEMBERS_PLAIN,	  /* bytes as they are */
	MEMBERS_DEFLATED, /* bytes to be deflated */
	MEMBERS_OPEN,	  /* what follows up to CLOSE is deflated as one; it has no bytes itself, nor has CLOSE */
	MEMBERS_CLOSE,
};
#define MEMBERS_HEAD_SIZE 4u
#define MEMBERS_PIECE_SIZE 6u
#define MEMBERS_PIECES_MOST (4 * MEMBERS_MOST)

WARN_UNUSED int members_piece_append(
	struct buf *table, enum members_piece_kind kind, uint8_t setting, uint64_t len, struct error *err);

/* The pieces of a file of SIZE bytes, its members all as if they had the usual setting: what the old file's table is in
 * the scratch file, behind everything else, for the new one's to be compared with. */
WARN_UNUSED int members_table(const struct members *members, uint64_t size, struct buf *ret_table, struct error *err);

#endif
