#include "ledger/tree/tile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "x001/x234/067". */
static size_t write_index(uint64_t index, char *ret_text, size_t size)
{
	uint64_t factor = 1;
	size_t len = 0;

	while (index / factor >= 1000)
		factor *= 1000;
	for (; factor > 1; factor /= 1000)
		len += (size_t)snprintf(ret_text + len, size - len, "x%03" PRIu64 "/", index / factor % 1000);
	return len + (size_t)snprintf(ret_text + len, size - len, "%03" PRIu64, index % 1000);
}

/* The path of the full form; its length. */
static size_t write_full(const struct tile *tile, char ret_path[static TILE_PATH_SIZE])
{
	size_t len;

	if (tile->kind == TILE_BUNDLE)
		len = (size_t)snprintf(ret_path, TILE_PATH_SIZE, "tile/entries/");
	else
		len = (size_t)snprintf(ret_path, TILE_PATH_SIZE, "tile/%u/", tile->level);
	return len + write_index(tile->index, ret_path + len, TILE_PATH_SIZE - len);
}

void tile_path(const struct tile *tile, char ret_path[static TILE_PATH_SIZE])
{
	size_t len = write_full(tile, ret_path);

	if (tile->width < TILE_WIDTH)
		(void)snprintf(ret_path + len, TILE_PATH_SIZE - len, ".p/%u", tile->width);
}

void tile_partial_folder(const struct tile *tile, char ret_path[static TILE_PATH_SIZE])
{
	size_t len = write_full(tile, ret_path);

	(void)snprintf(ret_path + len, TILE_PATH_SIZE - len, ".p");
}

unsigned tile_width_at(unsigned level, uint64_t index, uint64_t size)
{
	uint64_t hashes = size >> (8 * level);
	uint64_t tiles = hashes / TILE_WIDTH;

	if (index < tiles)
		return TILE_WIDTH;
	return index == tiles ? (unsigned)(hashes % TILE_WIDTH) : 0;
}

static int read_either(
	const struct tile_store *store, const struct tile *tile, struct buf *ret_bytes, struct error *err)
{
	struct tile full = *tile;
	char path[TILE_PATH_SIZE];
	struct error missing;

	tile_path(tile, path);
	if (tile->width == TILE_WIDTH)
		return store->read(store->context, path, ret_bytes, err);
	if (store->read(store->context, path, ret_bytes, &missing) == 0)
		return 0;
	full.width = TILE_WIDTH;
	tile_path(&full, path);
	if (missing.code == ERROR_NOT_FOUND && store->read(store->context, path, ret_bytes, NULL) == 0)
		return 0;
	*err = missing;
	return -1;
}

int tile_read(const struct tile_store *store, const struct tile *tile, struct buf *ret_bytes, struct error *err)
{
	size_t before = ret_bytes->len, wanted = tile->width * SHA256_SIZE;
	struct error ignored;

	if (read_either(store, tile, ret_bytes, err ? err : &ignored) < 0)
		return -1;
	if (tile->kind == TILE_BUNDLE)
		return 0;
	if (ret_bytes->len - before != wanted && ret_bytes->len - before != TILE_BYTES)
		return error_set(err, ERROR_REFUSED, "tile %u/%" PRIu64 " has %zu bytes, not %zu", tile->level,
			tile->index, ret_bytes->len - before, wanted);
	ret_bytes->len = before + wanted;
	return 0;
}

int tile_next_entry(const struct buf *bundle, size_t *at, const char **ret_entry, size_t *ret_len, struct error *err)
{
	const unsigned char *bytes = (const unsigned char *)bundle->data + *at;
	size_t left = bundle->len - *at, len;

	if (left < 2 || (len = (size_t)bytes[0] << 8 | bytes[1]) > left - 2)
		return error_set(err, ERROR_REFUSED, "a bundle of entries that is cut");
	*ret_entry = (const char *)bytes + 2;
	*ret_len = len;
	*at += 2 + len;
	return 0;
}
