/* A tree of 16.7 million entries of which only the last few exist: tiles of those before are made when they are read. */
#ifndef TESTS_LEDGER_PEER_PEER_SPARSE_H
#define TESTS_LEDGER_PEER_PEER_SPARSE_H

#include <stdint.h>

#include "common/error.h"
#include "ledger/tree/tile.h"

#define PEER_SPARSE_BASE 16777213 /* three short of 256 * 256 * 256 */

/* Lets READ through to BELOW where the file is there; otherwise all that stands in it is of the entry "same". */
struct peer_sparse {
	const struct tile_store *below;
	struct tile_store store;
};

void peer_sparse_init(struct peer_sparse *ret_sparse, const struct tile_store *below);

#endif
