#include "ledger/tree/tile_reader.h"

#include <assert.h>
#include <string.h>

#define HEIGHT 8 /* of the tree whose leaves are a tile's hashes */
#define NODES (2 * TILE_WIDTH)

/* A tile with the nodes above its hashes, as far as they are full: those of height h begin at node_at(h, 0). */
struct slot {
	uint64_t index;
	unsigned width; /* 0: nothing read yet */
	struct sha256 nodes[NODES];
};

struct tile_reader {
	const struct tile_store *store;
	uint64_t size;
	struct merkle_source source;
	struct slot slots[TILE_LEVELS];
};

static size_t node_at(unsigned height, uint64_t position)
{
	return NODES - (NODES >> height) + position;
}

static int fill(struct tile_reader *reader, unsigned level, uint64_t index, unsigned width, struct error *err)
{
	struct tile tile = {.kind = TILE_HASHES, .level = level, .index = index, .width = width};
	AUTO(buf) struct buf bytes = BUF_INIT(TILE_BYTES);
	struct slot *slot = &reader->slots[level];

	slot->width = 0;
	if (tile_read(reader->store, &tile, &bytes, err) < 0)
		return -1;
	memcpy(slot->nodes, bytes.data, bytes.len);
	for (unsigned height = 1; height <= HEIGHT; height++)
		for (size_t i = 0; i < width >> height; i++)
			merkle_node(&slot->nodes[node_at(height - 1, 2 * i)],
				&slot->nodes[node_at(height - 1, 2 * i + 1)], &slot->nodes[node_at(height, i)]);
	slot->index = index;
	slot->width = width;
	return 0;
}

static int read_hash(void *context, unsigned level, uint64_t index, struct sha256 *ret_hash, struct error *err)
{
	struct tile_reader *reader = context;
	unsigned tile_level = level / HEIGHT, height = level % HEIGHT;
	uint64_t tile_index = index >> (HEIGHT - height);
	uint64_t position = index & ((1u << (HEIGHT - height)) - 1);
	unsigned width = tile_width_at(tile_level, tile_index, reader->size);
	struct slot *slot = &reader->slots[tile_level];

	assert(tile_level < TILE_LEVELS && (position + 1) << height <= width);
	if ((slot->index != tile_index || slot->width != width) &&
		fill(reader, tile_level, tile_index, width, err) < 0)
		return -1;
	*ret_hash = slot->nodes[node_at(height, position)];
	return 0;
}

struct tile_reader *tile_reader_new(const struct tile_store *store, uint64_t size, struct error *err)
{
	struct tile_reader *reader = calloc(1, sizeof(*reader));

	if (!reader) {
		(void)error_set(err, ERROR_FAILED, "no memory to read a ledger's tiles");
		return NULL;
	}
	reader->store = store;
	reader->size = size;
	reader->source = (struct merkle_source){.hash = read_hash, .context = reader};
	return reader;
}

void tile_reader_grow(struct tile_reader *reader, uint64_t size)
{
	assert(size >= reader->size);
	reader->size = size;
}

const struct merkle_source *tile_reader_source(const struct tile_reader *reader)
{
	return &reader->source;
}

void tile_reader_free(struct tile_reader *reader)
{
	free(reader);
}
