#include "ledger/tree/merkle_proof.h"

#include <assert.h>

/* Leaves START to START + COUNT, where START is a multiple of the smallest power of two that is not below COUNT. */
struct range {
	uint64_t start;
	uint64_t count;
};

static unsigned log2_of(uint64_t number)
{
	return 63 - (unsigned)__builtin_clzll(number);
}

/* The largest power of two below COUNT: where a tree of more than one leaf is split. */
static uint64_t split_of(uint64_t count)
{
	return (uint64_t)1 << log2_of(count - 1);
}

static struct range left_of(struct range range)
{
	return (struct range){range.start, split_of(range.count)};
}

static struct range right_of(struct range range)
{
	uint64_t split = split_of(range.count);

	return (struct range){range.start + split, range.count - split};
}

/* MTH(D[start : start + count]). */
static int hash_range(
	const struct merkle_source *source, struct range range, struct sha256 *ret_hash, struct error *err)
{
	struct sha256 left, right;

	if ((range.count & (range.count - 1)) == 0) {
		unsigned level = log2_of(range.count);

		return source->hash(source->context, level, range.start >> level, ret_hash, err);
	}
	if (hash_range(source, left_of(range), &left, err) < 0 ||
		hash_range(source, right_of(range), &right, err) < 0)
		return -1;
	merkle_node(&left, &right, ret_hash);
	return 0;
}

static int add_hash(
	const struct merkle_source *source, struct range range, struct merkle_path *path, struct error *err)
{
	assert(path->count < MERKLE_MAX_PATH);
	return hash_range(source, range, &path->hashes[path->count++], err);
}

/* PATH(index - start, D[start : start + count]). */
static int add_inclusion(const struct merkle_source *source, uint64_t index, struct range range,
	struct merkle_path *path, struct error *err)
{
	struct range near, far;

	if (range.count == 1)
		return 0;
	near = left_of(range);
	far = right_of(range);
	if (index >= far.start) {
		near = far;
		far = left_of(range);
	}
	if (add_inclusion(source, index, near, path, err) < 0)
		return -1;
	return add_hash(source, far, path, err);
}

/* SUBPROOF(old_size - start, D[start : start + count], known). */
static int add_consistency(const struct merkle_source *source, uint64_t old_size, struct range range, bool known,
	struct merkle_path *path, struct error *err)
{
	struct range near, far;

	if (old_size == range.start + range.count)
		return known ? 0 : add_hash(source, range, path, err);
	near = left_of(range);
	far = right_of(range);
	if (old_size > far.start) {
		near = far;
		far = left_of(range);
		known = false;
	}
	if (add_consistency(source, old_size, near, known, path, err) < 0)
		return -1;
	return add_hash(source, far, path, err);
}

int merkle_root(const struct merkle_source *source, uint64_t size, struct sha256 *ret_root, struct error *err)
{
	if (size > 0)
		return hash_range(source, (struct range){0, size}, ret_root, err);
	merkle_empty(ret_root);
	return 0;
}

int merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
	struct merkle_path *ret_path, struct error *err)
{
	if (index >= size || size > INT64_MAX)
		return error_set(err, ERROR_USAGE, "there is no such entry in this tree");
	ret_path->count = 0;
	return add_inclusion(source, index, (struct range){0, size}, ret_path, err);
}

int merkle_prove_consistency(const struct merkle_source *source, uint64_t old_size, uint64_t size,
	struct merkle_path *ret_path, struct error *err)
{
	if (old_size > size || size > INT64_MAX)
		return error_set(err, ERROR_USAGE, "a tree does not lead back to a smaller one");
	ret_path->count = 0;
	if (old_size == 0)
		return 0;
	return add_consistency(source, old_size, (struct range){0, size}, true, ret_path, err);
}
