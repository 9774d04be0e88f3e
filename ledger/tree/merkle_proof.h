/* Roots and proofs made (RFC 6962, sections 2.1, 2.1.1 and 2.1.2) from the hashes of full subtrees, wherever they are
 * kept. */
#ifndef LEDGER_TREE_MERKLE_PROOF_H
#define LEDGER_TREE_MERKLE_PROOF_H

#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "ledger/tree/merkle.h"

struct merkle_source {
	/* The hash over the 2^LEVEL leaves from INDEX * 2^LEVEL. */
	int (*hash)(void *context, unsigned level, uint64_t index, struct sha256 *ret_hash, struct error *err);
	void *context;
};

WARN_UNUSED int merkle_root(
	const struct merkle_source *source, uint64_t size, struct sha256 *ret_root, struct error *err);

/* ERROR_USAGE where INDEX is not below SIZE. */
WARN_UNUSED int merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
	struct merkle_path *ret_path, struct error *err);

/* ERROR_USAGE where OLD_SIZE is above SIZE. The path is empty for an OLD_SIZE of 0. */
WARN_UNUSED int merkle_prove_consistency(const struct merkle_source *source, uint64_t old_size, uint64_t size,
	struct merkle_path *ret_path, struct error *err);

#endif
