#include "tests/support/test.h"

#include "ledger/tree/merkle.h"
#include "ledger/tree/merkle_proof.h"
#include "tests/ledger/ledger_fixture.h"

#define SIZES 70

/* The leaves and roots that the reference implementation of RFC 6962 is tested with. */
static const struct {
	const char *leaf;
	size_t len;
	const char *root;
} golden[] = {
	{"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
	{"\0", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
	{"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
	{"\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
	{"\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
	{"\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
	{"\x50\x51\x52\x53\x54\x55\x56\x57", 8, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
	{"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

/* Hands out hashes over an array of leaves. */
static int hash_of(void *context, unsigned level, uint64_t index, struct sha256 *ret_hash, struct error *err)
{
	const struct sha256 *leaves = context;
	struct sha256 left, right;

	if (level == 0) {
		*ret_hash = leaves[index];
		return 0;
	}
	if (hash_of(context, level - 1, 2 * index, &left, err) < 0 ||
		hash_of(context, level - 1, 2 * index + 1, &right, err) < 0)
		return -1;
	merkle_node(&left, &right, ret_hash);
	return 0;
}

static struct sha256 leaves[SIZES];

static struct merkle_source source_of_entries(void)
{
	for (uint64_t i = 0; i < SIZES; i++)
		fixture_leaf(i, &leaves[i]);
	return (struct merkle_source){.hash = hash_of, .context = leaves};
}

TEST_CASE(test_makes_the_roots_of_rfc_6962)
{
	struct sha256 hashes[ARRAY_SIZE(golden)], root;
	struct merkle_source source = {.hash = hash_of, .context = hashes};
	struct error err = {0};
	char hex[SHA256_HEX_SIZE];

	merkle_empty(&root);
	assert_string_equal(
		sha256_hex(&root, hex), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	for (size_t i = 0; i < ARRAY_SIZE(golden); i++) {
		assert_ok(merkle_leaf(golden[i].leaf, golden[i].len, &hashes[i], &err), &err);
		assert_ok(merkle_root(&source, i + 1, &root, &err), &err);
		assert_string_equal(sha256_hex(&root, hex), golden[i].root);
	}
}

TEST_CASE(test_proves_every_entry_of_every_tree_and_no_other)
{
	struct merkle_source source = source_of_entries();
	struct merkle_path path;
	struct error err = {0};
	struct sha256 root;

	for (uint64_t size = 1; size <= SIZES; size++) {
		fixture_root(0, size, &root);
		for (uint64_t index = 0; index < size; index++) {
			assert_ok(merkle_prove_inclusion(&source, index, size, &path, &err), &err);
			assert_ok(merkle_check_inclusion(&leaves[index], index, size, &path, &root, &err), &err);
			for (uint64_t other = 0; other < size + 2; other++)
				if (other != index)
					assert_int_equal(merkle_check_inclusion(
								 &leaves[index], other, size, &path, &root, &err),
						-1);
		}
	}
}

TEST_CASE(test_proves_the_growth_of_every_tree)
{
	struct merkle_source source = source_of_entries();
	struct sha256 old_root, root;
	struct merkle_path path;
	struct error err = {0};

	for (uint64_t size = 0; size <= SIZES; size++)
		for (uint64_t old = 0; old <= size; old++) {
			fixture_root(0, old, &old_root);
			fixture_root(0, size, &root);
			assert_ok(merkle_prove_consistency(&source, old, size, &path, &err), &err);
			assert_ok(merkle_check_consistency(old, &old_root, size, &root, &path, &err), &err);
		}
}

/* Each hash of the path changed, one too few, one too many. */
TEST_CASE(test_refuses_an_inclusion_proof_in_which_anything_was_changed)
{
	struct merkle_source source = source_of_entries();
	struct merkle_path path, changed;
	struct error err = {0};
	struct sha256 root;

	for (uint64_t size = 2; size <= SIZES; size++) {
		uint64_t index = size / 3;

		fixture_root(0, size, &root);
		assert_ok(merkle_prove_inclusion(&source, index, size, &path, &err), &err);
		for (size_t i = 0; i < path.count; i++) {
			changed = path;
			changed.hashes[i].bytes[i % SHA256_SIZE] ^= 1;
			assert_int_equal(
				merkle_check_inclusion(&leaves[index], index, size, &changed, &root, &err), -1);
		}
		changed = path;
		changed.count--;
		assert_int_equal(merkle_check_inclusion(&leaves[index], index, size, &changed, &root, &err), -1);
		changed.count += 2;
		changed.hashes[path.count] = root;
		assert_int_equal(merkle_check_inclusion(&leaves[index], index, size, &changed, &root, &err), -1);
	}
}

TEST_CASE(test_refuses_a_consistency_proof_in_which_anything_was_changed)
{
	struct merkle_source source = source_of_entries();
	struct merkle_path path, changed;
	struct sha256 old_root, root;
	struct error err = {0};

	for (uint64_t size = 2; size <= SIZES; size++)
		for (uint64_t old = 1; old < size; old++) {
			fixture_root(0, old, &old_root);
			fixture_root(0, size, &root);
			assert_ok(merkle_prove_consistency(&source, old, size, &path, &err), &err);
			for (size_t i = 0; i < path.count; i++) {
				changed = path;
				changed.hashes[i].bytes[i % SHA256_SIZE] ^= 1;
				assert_int_equal(
					merkle_check_consistency(old, &old_root, size, &root, &changed, &err), -1);
			}
			changed = path;
			changed.count--;
			assert_int_equal(merkle_check_consistency(old, &old_root, size, &root, &changed, &err), -1);
			assert_int_equal(merkle_check_consistency(old, &root, size, &old_root, &path, &err), -1);
		}
}

TEST_CASE(test_says_what_is_wrong_with_two_trees)
{
	struct merkle_path none = {.count = 0}, one = {.count = 1};
	struct sha256 a, b, empty;
	struct error err = {0};

	fixture_root(0, 3, &a);
	fixture_root(1, 3, &b);
	merkle_empty(&empty);
	assert_int_equal(merkle_check_consistency(3, &a, 3, &b, &none, &err), -1);
	assert_error(&err, ERROR_REFUSED, "two different trees");
	assert_int_equal(merkle_check_consistency(4, &a, 3, &b, &none, &err), -1);
	assert_error(&err, ERROR_REFUSED, "smaller");
	assert_int_equal(merkle_check_consistency(0, &empty, 3, &b, &one, &err), -1);
	assert_error(&err, ERROR_REFUSED, "none is needed");
	assert_int_equal(merkle_check_consistency(2, &a, 3, &b, &none, &err), -1);
	assert_error(&err, ERROR_REFUSED, "does not lead");
}

TESTS(NULL, NULL)
