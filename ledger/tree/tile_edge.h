/* The right edge of a tree, where it grows: at each level the tile that is not full, and the bundle of entries that is
 * not. All there is to keep in memory to append, whatever the size of the tree. */
#ifndef LEDGER_TREE_TILE_EDGE_H
#define LEDGER_TREE_TILE_EDGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"
#include "ledger/tree/tile.h"

struct tile_edge {
	const struct tile_store *store; /* borrowed */
	uint64_t size;
	uint64_t flushed; /* the size up to which all is in the store */
	struct sha256 hashes[TILE_LEVELS][TILE_WIDTH];
	struct buf bundle;
};

/* Reads the edge of a tree of SIZE leaves. ERROR_DAMAGED where the bundle does not hold the entries that its tile has
 * the hashes of. Compare tile_edge_root() with what is known before anything is added. */
WARN_UNUSED int tile_edge_load(
	struct tile_edge *ret_edge, const struct tile_store *store, uint64_t size, struct error *err);

/* Adds an entry of at most TILE_ENTRY_MAX_BYTES; tiles that it fills are written. After a failure the edge is worth
 * nothing: load it again. */
WARN_UNUSED int tile_edge_add(struct tile_edge *edge, const void *entry, size_t len, struct error *err);

/* Writes the tiles and the bundle that are not full. Then the tree is all in the store. No file is written that the tree
 * needed before: those whose width is what it was are left alone. */
WARN_UNUSED int tile_edge_flush(struct tile_edge *edge, struct error *err);

WARN_UNUSED int tile_edge_root(const struct tile_edge *edge, struct sha256 *ret_root, struct error *err);

void tile_edge_clear(struct tile_edge *edge);
DEFINE_AUTO(tile_edge, struct tile_edge, tile_edge_clear);

#endif
