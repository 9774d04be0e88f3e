/* Reads the hashes of a tree from its tiles, for proofs (merkle_source). Keeps one tile a level: memory does not grow
 * with the tree. Nothing it hands out is verified: what is made of it must be checked against a root that is. */
#ifndef LEDGER_TREE_TILE_READER_H
#define LEDGER_TREE_TILE_READER_H

#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "ledger/tree/merkle_proof.h"
#include "ledger/tree/tile.h"

struct tile_reader;

/* A tree of SIZE leaves, in STORE, which is borrowed. NULL where there is no memory. */
struct tile_reader *tile_reader_new(const struct tile_store *store, uint64_t size, struct error *err);

/* The tree has grown; what was read already stays. */
void tile_reader_grow(struct tile_reader *reader, uint64_t size);

/* The seam that merkle_prove_inclusion() and its like want; lives as long as the reader. */
const struct merkle_source *tile_reader_source(const struct tile_reader *reader);

void tile_reader_free(struct tile_reader *reader);
DEFINE_AUTO_PTR(tile_reader, struct tile_reader, tile_reader_free);

#endif
