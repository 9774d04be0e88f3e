#include "updater/attempt/delta_pack.h"

#include <stdlib.h>
#include <string.h>

#include <lzma.h>
#include <zstd.h>

#include "common/auto.h"
#include "updater/delta/delta_format.h"

#define ZSTD_LEVEL 19
#define SMALLEST_DICTIONARY 65536u
#define SAMPLE_BYTES (3u << 20)

static int pack_zstd(const void *data, size_t len, uint8_t *out, size_t room, size_t *ret_len, struct error *err)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t packed;

	if (!context)
		return error_set(err, ERROR_FAILED, "no memory to compress");
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, ZSTD_LEVEL);
	if (len > (UINT64_C(1) << DELTA_WINDOW_LOG)) /* a smaller one would be chosen otherwise */
		(void)ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, DELTA_WINDOW_LOG);
	packed = ZSTD_compress2(context, out, room, data, len);
	(void)ZSTD_freeCCtx(context);
	if (ZSTD_isError(packed))
		return error_set(err, ERROR_FAILED, "cannot compress: %s", ZSTD_getErrorName(packed));
	*ret_len = packed;
	return 0;
}

/* Ways to split a byte's surroundings that suit text, machine code, and tables of words. */
static const struct {
	uint32_t lc, lp, pb;
} models[] = {{3, 0, 2}, {0, 2, 2}, {0, 0, 0}};

static int pack_xz(
	size_t model, const void *data, size_t len, uint8_t *out, size_t room, size_t *ret_len, struct error *err)
{
	lzma_options_lzma options;
	lzma_filter filters[] = {{.id = LZMA_FILTER_LZMA2, .options = &options}, {.id = LZMA_VLI_UNKNOWN}};
	size_t packed = 0;

	if (lzma_lzma_preset(&options, 9 | LZMA_PRESET_EXTREME))
		return error_set(err, ERROR_FAILED, "liblzma lacks its best preset");
	options.dict_size = 1u << DELTA_WINDOW_LOG;
	while (options.dict_size > SMALLEST_DICTIONARY && options.dict_size / 2 >= len)
		options.dict_size /= 2;
	options.lc = models[model].lc;
	options.lp = models[model].lp;
	options.pb = models[model].pb;
	if (lzma_stream_buffer_encode(filters, LZMA_CHECK_NONE, NULL, data, len, out, &packed, room) != LZMA_OK)
		return error_set(err, ERROR_FAILED, "cannot compress with xz");
	*ret_len = packed;
	return 0;
}

/* The model that packs a piece of DATA best: the whole would take minutes for each. */
static int choose_model(
	const uint8_t *data, size_t len, uint8_t *out, size_t room, size_t *ret_model, struct error *err)
{
	size_t piece = len < SAMPLE_BYTES ? len : SAMPLE_BYTES;
	size_t begin = (len - piece) / 2, best = SIZE_MAX, packed;

	for (size_t i = 0; i < ARRAY_SIZE(models); i++) {
		if (pack_xz(i, data + begin, piece, out, room, &packed, err) < 0)
			return -1;
		if (packed < best) {
			best = packed;
			*ret_model = i;
		}
	}
	return 0;
}

int pack_smallest(const void *data, size_t len, struct buf *ret_packed, struct error *err)
{
	size_t xz_room = lzma_stream_buffer_bound(len), zstd_room = ZSTD_compressBound(len);
	AUTO(free) uint8_t *xz = malloc(xz_room);
	AUTO(free) uint8_t *zstd = malloc(zstd_room);
	const uint8_t *bytes = len ? data : (const uint8_t *)"";
	size_t model = 0, xz_len, zstd_len;
	uint8_t kind;

	if (!xz || !zstd)
		return error_set(err, ERROR_FAILED, "no memory to compress %zu bytes", len);
	if (choose_model(bytes, len, xz, xz_room, &model, err) < 0 ||
		pack_xz(model, bytes, len, xz, xz_room, &xz_len, err) < 0 ||
		pack_zstd(bytes, len, zstd, zstd_room, &zstd_len, err) < 0)
		return -1;
	kind = xz_len < zstd_len ? DELTA_XZ : DELTA_ZSTD;
	if (buf_append(ret_packed, &kind, 1, err) < 0)
		return -1;
	return kind == DELTA_XZ ? buf_append(ret_packed, xz, xz_len, err)
				: buf_append(ret_packed, zstd, zstd_len, err);
}
