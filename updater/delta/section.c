#include "updater/delta/section.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <lzma.h>
#include <zstd.h>

#include "updater/delta/delta_format.h"

#define CHUNK 65536

struct section {
	int fd;
	uint64_t at;   /* in the file */
	uint64_t left; /* packed bytes not read yet */
	uint64_t unpacked_left;
	int kind;
	ZSTD_DCtx *zstd;
	lzma_stream xz;
	ZSTD_inBuffer in; /* what was read and not unpacked yet */
	size_t out_at;
	size_t out_len;
	uint8_t packed[CHUNK];
	uint8_t out[CHUNK];
};

int section_open(int fd, uint64_t offset, uint64_t len, uint64_t unpacked, int kind, struct section **ret_section,
	struct error *err)
{
	AUTO(section) struct section *section = calloc(1, sizeof(*section));

	if (!section)
		return error_set(err, ERROR_FAILED, "no memory to unpack a delta");
	section->fd = fd;
	section->at = offset;
	section->left = len;
	section->unpacked_left = unpacked;
	section->kind = kind;
	section->xz = (lzma_stream)LZMA_STREAM_INIT;
	section->in.src = section->packed;
	if (kind == DELTA_ZSTD) {
		if (!(section->zstd = ZSTD_createDCtx()) ||
			ZSTD_isError(ZSTD_DCtx_setParameter(section->zstd, ZSTD_d_windowLogMax, DELTA_WINDOW_LOG)))
			return error_set(err, ERROR_FAILED, "no memory to unpack a delta");
	} else if (kind != DELTA_XZ) {
		return error_set(err, ERROR_REFUSED, "the delta is packed in a way that is not known here");
	} else if (lzma_stream_decoder(&section->xz, DELTA_XZ_MEMORY, 0) != LZMA_OK) {
		return error_set(err, ERROR_FAILED, "no memory to unpack a delta");
	}
	*ret_section = take_ptr(&section);
	return 0;
}

void section_free(struct section *section)
{
	if (!section)
		return;
	(void)ZSTD_freeDCtx(section->zstd);
	lzma_end(&section->xz);
	free(section);
}

static int read_packed(struct section *section, struct error *err)
{
	size_t want = section->left < CHUNK ? (size_t)section->left : CHUNK;
	ssize_t got;

	if (section->in.pos < section->in.size || want == 0)
		return 0;
	do {
		got = pread(section->fd, section->packed, want, (off_t)section->at);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return error_set(err, ERROR_REFUSED, "the delta ends too early");
	section->in.size = (size_t)got;
	section->in.pos = 0;
	section->at += (uint64_t)got;
	section->left -= (uint64_t)got;
	return 0;
}

static int unpack_xz(struct section *section, size_t *ret_len, struct error *err)
{
	lzma_ret result;

	section->xz.next_in = section->packed + section->in.pos;
	section->xz.avail_in = section->in.size - section->in.pos;
	section->xz.next_out = section->out;
	section->xz.avail_out = CHUNK;
	result = lzma_code(&section->xz, section->left ? LZMA_RUN : LZMA_FINISH);
	section->in.pos = section->in.size - section->xz.avail_in;
	*ret_len = CHUNK - section->xz.avail_out;
	if (result != LZMA_OK && result != LZMA_STREAM_END)
		return error_set(err, ERROR_REFUSED, "the delta cannot be unpacked (xz: %d)", (int)result);
	return 0;
}

static int unpack_zstd(struct section *section, size_t *ret_len, struct error *err)
{
	ZSTD_outBuffer out = {.dst = section->out, .size = CHUNK};
	size_t result = ZSTD_decompressStream(section->zstd, &out, &section->in);

	*ret_len = out.pos;
	if (ZSTD_isError(result))
		return error_set(err, ERROR_REFUSED, "the delta cannot be unpacked (%s)", ZSTD_getErrorName(result));
	return 0;
}

/* Fills the empty output buffer with at least one byte. */
static int unpack_more(struct section *section, struct error *err)
{
	size_t len = 0;

	while (len == 0) {
		bool over = section->left == 0 && section->in.pos == section->in.size;

		if (read_packed(section, err) < 0 ||
			(section->kind == DELTA_XZ ? unpack_xz(section, &len, err)
						   : unpack_zstd(section, &len, err)) < 0)
			return -1;
		if (len == 0 && over)
			return error_set(err, ERROR_REFUSED, "a section of the delta ends too early");
	}
	section->out_at = 0;
	section->out_len = len;
	return 0;
}

int section_read(struct section *section, void *ret_data, size_t len, struct error *err)
{
	uint8_t *out = ret_data;

	if (len > section->unpacked_left)
		return error_set(err, ERROR_REFUSED, "a section of the delta ends too early");
	section->unpacked_left -= len;
	while (len) {
		size_t part;

		if (section->out_at == section->out_len && unpack_more(section, err) < 0)
			return -1;
		part = section->out_len - section->out_at;
		part = part < len ? part : len;
		memcpy(out, section->out + section->out_at, part);
		section->out_at += part;
		out += part;
		len -= part;
	}
	return 0;
}

int section_read_number(struct section *section, uint64_t *ret_number, struct error *err)
{
	uint64_t number = 0;
	uint8_t byte;

	for (int shift = 0; shift < 63; shift += 7) {
		if (section_read(section, &byte, 1, err) < 0)
			return -1;
		number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret_number = number;
			return 0;
		}
	}
	return error_set(err, ERROR_REFUSED, "a number in the delta is too large");
}

int section_read_signed(struct section *section, int64_t *ret_number, struct error *err)
{
	uint64_t number;

	if (section_read_number(section, &number, err) < 0)
		return -1;
	*ret_number = number & 1 ? -(int64_t)(number >> 1) - 1 : (int64_t)(number >> 1);
	return 0;
}
