#include "tests/support/zip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "updater/members/members.h"

static void put(struct buf *zip, const void *data, size_t len)
{
	if (buf_append(zip, data, len, NULL) < 0)
		abort();
}

static void put_header(struct buf *zip, const struct zip_member *member, size_t packed)
{
	uint8_t header[30] = {'P', 'K', 3, 4, 20};
	size_t name = strlen(member->name);

	header[8] = member->setting ? 8 : 0;
	for (int i = 0; i < 4; i++) {
		header[14 + i] = (uint8_t)(crc32(0, member->data, (uInt)member->len) >> (8 * i));
		header[18 + i] = (uint8_t)(packed >> (8 * i));
		header[22 + i] = (uint8_t)(member->len >> (8 * i));
	}
	header[26] = (uint8_t)name;
	put(zip, header, sizeof(header));
	put(zip, member->name, name);
}

void zip_add(struct buf *zip, const struct zip_member *member)
{
	bool is_strange = member->setting == ZIP_STRANGE;
	uint8_t setting = is_strange ? MEMBERS_USUAL_SETTING : member->setting;
	z_stream stream = {.next_in = (Bytef *)(uintptr_t)member->data, .avail_in = (uInt)member->len};
	AUTO(free) uint8_t *packed = malloc(member->len + 1024);

	if (!member->setting) {
		put_header(zip, member, member->len);
		put(zip, member->data, member->len);
		return;
	}
	stream.next_out = packed;
	stream.avail_out = (uInt)member->len + 1024;
	if (!packed ||
		deflateInit2(&stream, MEMBERS_LEVEL(setting), Z_DEFLATED, is_strange ? -9 : -MAX_WBITS,
			MEMBERS_MEMORY(setting), MEMBERS_STRATEGY(setting)) != Z_OK ||
		deflate(&stream, Z_FINISH) != Z_STREAM_END)
		abort();
	put_header(zip, member, stream.total_out);
	put(zip, packed, stream.total_out);
	(void)deflateEnd(&stream);
}

void zip_end(struct buf *zip)
{
	put(zip, "PK\5\6 the end", 11);
}
