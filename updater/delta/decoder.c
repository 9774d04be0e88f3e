#include "updater/delta/decoder.h"

#include <string.h>
#include <unistd.h>

void decoder_free(struct decoder *decoder)
{
	if (!decoder)
		return;
	for (int i = 0; i < DELTA_SECTIONS; i++)
		section_free(decoder->sections[i]);
	digest_free(decoder->digest);
	source_clear(&decoder->source);
	fd_close(&decoder->new_fd);
	free(decoder);
}

static uint64_t little_endian(const uint8_t *bytes)
{
	uint64_t number = 0;

	for (int i = 7; i >= 0; i--)
		number = number << 8 | bytes[i];
	return number;
}

static int open_sections(struct decoder *decoder, const uint8_t *heads, int count, struct error *err)
{
	uint64_t offset = DELTA_HEAD_SIZE((uint64_t)count);

	if (decoder->delta->len < offset)
		return error_set(err, ERROR_REFUSED, "the delta is shorter than its head");
	for (int i = 0; i < count; i++, heads += DELTA_SECTION_HEAD_SIZE) {
		uint64_t len = little_endian(heads + 8), unpacked = little_endian(heads + 16);

		if (len > decoder->delta->len - offset)
			return error_set(err, ERROR_REFUSED, "the delta is shorter than its head says");
		if (section_open(decoder->delta->fd, offset, len, unpacked, heads[0], &decoder->sections[i], err) < 0)
			return -1;
		offset += len;
	}
	decoder->differences = (struct differences){
		.equal = decoder->sections[DELTA_EQUAL],
		.unequal = decoder->sections[DELTA_UNEQUAL],
		.differences = decoder->sections[DELTA_DIFFERENCES],
	};
	return 0;
}

static int read_head(struct decoder *decoder, struct error *err)
{
	const struct delta *delta = decoder->delta;
	uint8_t head[DELTA_HEAD_SIZE(DELTA_SECTIONS)] = {0};
	int sections = DELTA_SECTIONS;

	if (pread(delta->fd, head, sizeof(head), 0) < (ssize_t)DELTA_HEAD_SIZE(DELTA_FORMER_SECTIONS))
		return error_set(err, ERROR_REFUSED, "this is no delta");
	if (memcmp(head, DELTA_FORMER_MAGIC, DELTA_MAGIC_SIZE) == 0)
		sections = DELTA_FORMER_SECTIONS;
	else if (memcmp(head, DELTA_MAGIC, DELTA_MAGIC_SIZE) != 0)
		return error_set(err, ERROR_REFUSED, "this is no delta");
	if (memcmp(head + DELTA_MAGIC_SIZE, delta->from_id.bytes, SHA256_SIZE) != 0 ||
		memcmp(head + DELTA_MAGIC_SIZE + SHA256_SIZE, delta->to_id.bytes, SHA256_SIZE) != 0)
		return error_set(err, ERROR_REFUSED, "the delta is one between other releases");
	return open_sections(decoder, head + DELTA_MAGIC_SIZE + 2 * SHA256_SIZE, sections, err);
}

int decoder_new(struct delta *delta, struct decoder **ret_decoder, struct error *err)
{
	AUTO(decoder) struct decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return error_set(err, ERROR_FAILED, "no memory for a delta");
	decoder->delta = delta;
	decoder->source = (struct source)SOURCE_INIT;
	decoder->new_fd = -1;
	if (!(decoder->digest = digest_new(DIGEST_SHA256, err)) || read_head(decoder, err) < 0)
		return -1;
	*ret_decoder = take_ptr(&decoder);
	return 0;
}
