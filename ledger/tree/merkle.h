/* The Merkle tree of RFC 6962, section 2.1, with SHA-256: hashes, and proofs checked (RFC 9162, sections 2.1.3.2 and
 * 2.1.4.2). Sizes and indexes are counts of leaves, at most INT64_MAX. */
#ifndef LEDGER_TREE_MERKLE_H
#define LEDGER_TREE_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"

#define MERKLE_MAX_PATH 63 /* hashes in a proof, of either kind */

struct merkle_path {
	size_t count;
	struct sha256 hashes[MERKLE_MAX_PATH];
};

/* The root of the tree without leaves: SHA-256 of nothing. */
void merkle_empty(struct sha256 *ret_root);
/* SHA-256(0x00, entry); -1 where there is no memory. */
WARN_UNUSED int merkle_leaf(const void *entry, size_t len, struct sha256 *ret_hash, struct error *err);
/* SHA-256(0x01, left, right). RET_HASH may be one of them. */
void merkle_node(const struct sha256 *left, const struct sha256 *right, struct sha256 *ret_hash);

/* 0 if PATH proves that leaf INDEX of the tree of SIZE leaves with this root has hash LEAF; ERROR_REFUSED otherwise. */
WARN_UNUSED int merkle_check_inclusion(const struct sha256 *leaf, uint64_t index, uint64_t size,
	const struct merkle_path *path, const struct sha256 *root, struct error *err);

/* 0 if PATH proves that the tree of SIZE leaves begins with that of OLD_SIZE; ERROR_REFUSED otherwise. From size 0, and
 * between equal sizes, the path is empty; from size 0 OLD_ROOT must be that of the empty tree. */
WARN_UNUSED int merkle_check_consistency(uint64_t old_size, const struct sha256 *old_root, uint64_t size,
	const struct sha256 *root, const struct merkle_path *path, struct error *err);

#endif
