#include "ledger/tree/merkle.h"

#include <stdbool.h>
#include <string.h>

void merkle_empty(struct sha256 *ret_root)
{
	sha256_of("", 0, ret_root);
}

/* Entries are short, and there are thousands a second: those are hashed in one go. */
#define SHORT_ENTRY 1024

int merkle_leaf(const void *entry, size_t len, struct sha256 *ret_hash, struct error *err)
{
	uint8_t bytes[1 + SHORT_ENTRY] = {0x00};
	AUTO(digest) struct digest *digest = NULL;

	if (len <= SHORT_ENTRY) {
		if (len > 0)
			memcpy(bytes + 1, entry, len);
		sha256_of(bytes, 1 + len, ret_hash);
		return 0;
	}
	if (!(digest = digest_new(DIGEST_SHA256, err)))
		return -1;
	digest_update(digest, "\0", 1);
	digest_update(digest, entry, len);
	digest_finish(digest, ret_hash->bytes);
	return 0;
}

void merkle_node(const struct sha256 *left, const struct sha256 *right, struct sha256 *ret_hash)
{
	uint8_t bytes[1 + 2 * SHA256_SIZE] = {0x01};

	memcpy(bytes + 1, left->bytes, SHA256_SIZE);
	memcpy(bytes + 1 + SHA256_SIZE, right->bytes, SHA256_SIZE);
	sha256_of(bytes, sizeof(bytes), ret_hash);
}

/* Below a node that is the last one of its level and a left child there is nothing to its right: its hash rises. */
static void rise(uint64_t *fn, uint64_t *sn)
{
	while (*fn && !(*fn & 1)) {
		*fn >>= 1;
		*sn >>= 1;
	}
}

/* Puts a hash to the left where the node is a right child or the last of its level. True where it was the left. */
static bool joins_left(uint64_t *fn, uint64_t *sn)
{
	bool left = (*fn & 1) || *fn == *sn;

	if (left && !(*fn & 1))
		rise(fn, sn);
	*fn >>= 1;
	*sn >>= 1;
	return left;
}

int merkle_check_inclusion(const struct sha256 *leaf, uint64_t index, uint64_t size, const struct merkle_path *path,
	const struct sha256 *root, struct error *err)
{
	uint64_t fn = index, sn = size - 1;
	struct sha256 hash = *leaf;

	if (index >= size)
		return error_set(err, ERROR_REFUSED, "a proof for an entry beyond the end of the tree");
	for (size_t i = 0; i < path->count; i++) {
		if (sn == 0)
			return error_set(err, ERROR_REFUSED, "an inclusion proof that is too long");
		if (joins_left(&fn, &sn))
			merkle_node(&path->hashes[i], &hash, &hash);
		else
			merkle_node(&hash, &path->hashes[i], &hash);
	}
	if (sn != 0 || !sha256_equal(&hash, root))
		return error_set(err, ERROR_REFUSED, "an inclusion proof that does not lead to the root of its tree");
	return 0;
}

/* What needs no path: nothing before, or nothing since. */
static int check_trivial(uint64_t old_size, const struct sha256 *old_root, uint64_t size, const struct sha256 *root,
	const struct merkle_path *path, struct error *err)
{
	struct sha256 before;

	if (old_size == size)
		before = *root;
	else
		merkle_empty(&before);
	if (path->count > 0)
		return error_set(err, ERROR_REFUSED, "a consistency proof where none is needed");
	if (!sha256_equal(old_root, &before))
		return error_set(err, ERROR_REFUSED, "two different trees of the same size");
	return 0;
}

/* RFC 9162, section 2.1.4.2, steps 3 to 6, with the old root put before the path where the old tree is full. */
static bool path_joins(uint64_t old_size, const struct sha256 *old_root, uint64_t size, const struct sha256 *root,
	const struct merkle_path *path)
{
	bool full = (old_size & (old_size - 1)) == 0;
	struct sha256 fr = full ? *old_root : path->hashes[0], sr = fr;
	uint64_t fn = old_size - 1, sn = size - 1;

	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	for (size_t i = full ? 0 : 1; i < path->count; i++) {
		if (sn == 0)
			return false;
		if (joins_left(&fn, &sn)) {
			merkle_node(&path->hashes[i], &fr, &fr);
			merkle_node(&path->hashes[i], &sr, &sr);
		} else {
			merkle_node(&sr, &path->hashes[i], &sr);
		}
	}
	return sn == 0 && sha256_equal(&fr, old_root) && sha256_equal(&sr, root);
}

int merkle_check_consistency(uint64_t old_size, const struct sha256 *old_root, uint64_t size,
	const struct sha256 *root, const struct merkle_path *path, struct error *err)
{
	if (old_size > size)
		return error_set(err, ERROR_REFUSED, "a tree that became smaller");
	if (old_size == 0 || old_size == size)
		return check_trivial(old_size, old_root, size, root, path, err);
	if (path->count == 0 || !path_joins(old_size, old_root, size, root, path))
		return error_set(err, ERROR_REFUSED,
			"a consistency proof that does not lead from the old tree to the new one");
	return 0;
}
