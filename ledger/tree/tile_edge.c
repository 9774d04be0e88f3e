#include "ledger/tree/tile_edge.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/tree/merkle_proof.h"

/* The tile of LEVEL that the tree of SIZE leaves has begun; of width 0 where it has begun none. */
static struct tile begun(enum tile_kind kind, unsigned level, uint64_t size)
{
	uint64_t index = size >> (8 * level) >> 8;

	return (struct tile){
		.kind = kind, .level = level, .index = index, .width = tile_width_at(level, index, size)};
}

static int load_hashes(struct tile_edge *edge, struct error *err)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		AUTO(buf) struct buf bytes = BUF_INIT(TILE_BYTES);
		struct tile tile = begun(TILE_HASHES, level, edge->size);

		if (tile.width == 0)
			continue;
		if (tile_read(edge->store, &tile, &bytes, err) < 0)
			return -1;
		memcpy(edge->hashes[level], bytes.data, bytes.len);
	}
	return 0;
}

/* Cuts the bundle behind its entry WIDTH, having compared each with its hash. */
static int check_bundle(struct tile_edge *edge, unsigned width, struct error *err)
{
	struct sha256 hash;
	const char *entry;
	size_t at = 0, len;

	for (unsigned i = 0; i < width; i++)
		if (tile_next_entry(&edge->bundle, &at, &entry, &len, err) < 0 ||
			merkle_leaf(entry, len, &hash, err) < 0)
			return -1;
		else if (!sha256_equal(&hash, &edge->hashes[0][i]))
			return error_set(err, ERROR_DAMAGED,
				"entry %" PRIu64 " of the ledger is not what its tile says", edge->size - width + i);
	edge->bundle.len = at;
	return 0;
}

static int load_bundle(struct tile_edge *edge, struct error *err)
{
	struct tile tile = begun(TILE_BUNDLE, 0, edge->size);

	if (tile.width == 0)
		return 0;
	if (tile_read(edge->store, &tile, &edge->bundle, err) < 0)
		return -1;
	return check_bundle(edge, tile.width, err);
}

int tile_edge_load(struct tile_edge *ret_edge, const struct tile_store *store, uint64_t size, struct error *err)
{
	ret_edge->store = store;
	ret_edge->size = ret_edge->flushed = size;
	ret_edge->bundle = (struct buf)BUF_INIT(TILE_BUNDLE_MAX_BYTES);
	if (load_hashes(ret_edge, err) == 0 && load_bundle(ret_edge, err) == 0)
		return 0;
	tile_edge_clear(ret_edge);
	return -1;
}

static int write_tile(const struct tile_edge *edge, const struct tile *tile, struct error *err)
{
	const struct tile_store *store = edge->store;
	char path[TILE_PATH_SIZE];

	tile_path(tile, path);
	if (tile->kind == TILE_BUNDLE)
		return store->write(store->context, path, edge->bundle.data, edge->bundle.len, err);
	return store->write(store->context, path, edge->hashes[tile->level], tile->width * SHA256_SIZE, err);
}

/* The hash over a full tile. */
static void fold(const struct sha256 tile[static TILE_WIDTH], struct sha256 *ret_hash)
{
	struct sha256 nodes[TILE_WIDTH];

	memcpy(nodes, tile, sizeof(nodes));
	for (size_t width = TILE_WIDTH / 2; width > 0; width /= 2)
		for (size_t i = 0; i < width; i++)
			merkle_node(&nodes[2 * i], &nodes[2 * i + 1], &nodes[i]);
	*ret_hash = nodes[0];
}

/* Writes the tiles that the leaf added last has filled, from the bottom up, and hands the hash of each to the next. */
static int write_filled(struct tile_edge *edge, struct error *err)
{
	uint64_t last = edge->size - 1;
	struct tile bundle = {.kind = TILE_BUNDLE, .index = last >> 8, .width = TILE_WIDTH};

	if (edge->size % TILE_WIDTH == 0) {
		if (write_tile(edge, &bundle, err) < 0)
			return -1;
		buf_empty(&edge->bundle);
	}
	for (unsigned level = 0; level < TILE_LEVELS && (edge->size >> (8 * level)) % TILE_WIDTH == 0; level++) {
		uint64_t index = last >> (8 * level) >> 8;
		struct tile tile = {.kind = TILE_HASHES, .level = level, .index = index, .width = TILE_WIDTH};

		if (write_tile(edge, &tile, err) < 0)
			return -1;
		if (level + 1 < TILE_LEVELS)
			fold(edge->hashes[level], &edge->hashes[level + 1][index % TILE_WIDTH]);
	}
	return 0;
}

int tile_edge_add(struct tile_edge *edge, const void *entry, size_t len, struct error *err)
{
	uint8_t length[2] = {(uint8_t)(len >> 8), (uint8_t)len};

	if (len > TILE_ENTRY_MAX_BYTES)
		return error_set(
			err, ERROR_USAGE, "an entry of %zu bytes; %d are the most", len, TILE_ENTRY_MAX_BYTES);
	if (edge->size >= INT64_MAX)
		return error_set(err, ERROR_USAGE, "the ledger is full");
	if (merkle_leaf(entry, len, &edge->hashes[0][edge->size % TILE_WIDTH], err) < 0 ||
		buf_append(&edge->bundle, length, sizeof(length), err) < 0 ||
		buf_append(&edge->bundle, entry, len, err) < 0)
		return -1;
	edge->size++;
	return write_filled(edge, err);
}

/* Writes the tile that the tree has begun, unless it is in the store as it is. */
static int write_begun(struct tile_edge *edge, enum tile_kind kind, unsigned level, struct error *err)
{
	struct tile tile = begun(kind, level, edge->size);

	if (tile.width == tile_width_at(level, tile.index, edge->flushed))
		return 0;
	return write_tile(edge, &tile, err);
}

int tile_edge_flush(struct tile_edge *edge, struct error *err)
{
	if (write_begun(edge, TILE_BUNDLE, 0, err) < 0)
		return -1;
	for (unsigned level = 0; level < TILE_LEVELS; level++)
		if (write_begun(edge, TILE_HASHES, level, err) < 0)
			return -1;
	edge->flushed = edge->size;
	return 0;
}

/* Full subtrees at the edge of a tree lie within the tiles that are not full. */
static int hash_at_edge(void *context, unsigned level, uint64_t index, struct sha256 *ret_hash, struct error *err)
{
	const struct tile_edge *edge = context;
	unsigned height = level % 8;
	size_t width = (size_t)1 << height;
	struct sha256 nodes[TILE_WIDTH / 2];

	(void)err;
	memcpy(nodes, &edge->hashes[level / 8][(index << height) % TILE_WIDTH], width * sizeof(nodes[0]));
	for (width /= 2; width > 0; width /= 2)
		for (size_t i = 0; i < width; i++)
			merkle_node(&nodes[2 * i], &nodes[2 * i + 1], &nodes[i]);
	*ret_hash = nodes[0];
	return 0;
}

int tile_edge_root(const struct tile_edge *edge, struct sha256 *ret_root, struct error *err)
{
	struct merkle_source source = {.hash = hash_at_edge, .context = (void *)edge};

	return merkle_root(&source, edge->size, ret_root, err);
}

void tile_edge_clear(struct tile_edge *edge)
{
	buf_clear(&edge->bundle);
}
