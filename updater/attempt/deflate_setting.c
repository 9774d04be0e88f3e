#include "updater/attempt/deflate_setting.h"

#include <string.h>

#include <zlib.h>

#include "updater/members/members.h"

#define CHUNK 16384

/* Deflates until something differs. */
static bool makes(uint8_t setting, const uint8_t *data, size_t len, const uint8_t *packed, size_t packed_len)
{
	z_stream stream = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)len};
	uint8_t out[CHUNK];
	size_t same = 0, made;
	int status = Z_OK;

	if (len > UINT32_MAX || deflateInit2(&stream, MEMBERS_LEVEL(setting), Z_DEFLATED, -MAX_WBITS,
					MEMBERS_MEMORY(setting), MEMBERS_STRATEGY(setting)) != Z_OK)
		return false;
	while (status == Z_OK) {
		stream.next_out = out;
		stream.avail_out = CHUNK;
		status = deflate(&stream, Z_FINISH);
		made = CHUNK - stream.avail_out;
		if (made > packed_len - same || memcmp(out, packed + same, made) != 0)
			break;
		same += made;
	}
	(void)deflateEnd(&stream);
	return status == Z_STREAM_END && same == packed_len;
}

/* Levels as they are met in the field, the usual one first; then what hardly anybody uses. */
bool deflate_setting_find(const uint8_t *data, size_t len, const uint8_t *packed, size_t packed_len, uint8_t *setting)
{
	static const uint8_t levels[] = {6, 9, 1, 5, 8, 7, 4, 3, 2};

	if (makes(*setting, data, len, packed, packed_len))
		return true;
	for (unsigned strategy = Z_DEFAULT_STRATEGY; strategy <= Z_RLE; strategy++)
		for (unsigned memory = 0; memory < 2; memory++)
			for (size_t i = 0; i < sizeof(levels); i++) {
				uint8_t tried = (uint8_t)(levels[i] | memory << 4 | strategy << 5);

				if (!makes(tried, data, len, packed, packed_len))
					continue;
				*setting = tried;
				return true;
			}
	return false;
}
