#include "tests/support/test.h"

#include "common/fs.h"
#include "ledger/log/ledger_files.h"
#include "ledger/tree/tile.h"
#include "ledger/tree/tile_edge.h"
#include "ledger/tree/tile_reader.h"
#include "tests/ledger/ledger_fixture.h"
#include "tests/support/folder.h"

struct place {
	struct folder folder;
	struct fs fs;
	struct ledger_files files;
};

static int set_up(void **state)
{
	static struct place place; /* one test at a time */

	place = (struct place){0};
	folder_init(&place.folder);
	fs_init(&place.fs);
	ledger_files_init(&place.files, &place.fs, place.folder.fd);
	*state = &place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	folder_clear(&place->folder);
	return 0;
}

/* Grows the tree from FROM to TO leaves in one batch. */
static void grow(struct place *place, uint64_t from, uint64_t to)
{
	AUTO(tile_edge) struct tile_edge edge;
	struct error err = {0};
	char text[32];

	assert_ok(tile_edge_load(&edge, &place->files.store, from, &err), &err);
	for (uint64_t i = from; i < to; i++) {
		struct span entry = fixture_entry(i, text);

		assert_ok(tile_edge_add(&edge, entry.at, entry.len, &err), &err);
	}
	assert_ok(tile_edge_flush(&edge, &err), &err);
}

TEST_CASE_WITH(test_names_tiles_as_the_specification_does, NULL, NULL)
{
	static const struct {
		struct tile tile;
		const char *path;
	} rows[] = {
		{{TILE_HASHES, 0, 0, 256}, "tile/0/000"},
		{{TILE_HASHES, 1, 17, 3}, "tile/1/017.p/3"},
		{{TILE_HASHES, 2, 1234067, 256}, "tile/2/x001/x234/067"},
		{{TILE_HASHES, 0, 1000, 255}, "tile/0/x001/000.p/255"},
		{{TILE_BUNDLE, 0, 999, 1}, "tile/entries/999.p/1"},
		{{TILE_HASHES, 0, INT64_MAX / 256, 255}, "tile/0/x036/x028/x797/x018/x963/967.p/255"},
	};
	char path[TILE_PATH_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		tile_path(&rows[i].tile, path);
		assert_string_equal(path, rows[i].path);
	}
}

/* "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level 0 tile of width 112, one full
 * level 1 tile, one partial level 1 tile of width 17, and one partial level 2 tile of width 1." */
TEST_CASE_WITH(test_divides_a_tree_as_the_specification_does, NULL, NULL)
{
	assert_int_equal(tile_width_at(0, 272, 70000), 256);
	assert_int_equal(tile_width_at(0, 273, 70000), 112);
	assert_int_equal(tile_width_at(0, 274, 70000), 0);
	assert_int_equal(tile_width_at(1, 0, 70000), 256);
	assert_int_equal(tile_width_at(1, 1, 70000), 17);
	assert_int_equal(tile_width_at(2, 0, 70000), 1);
	assert_int_equal(tile_width_at(3, 0, 70000), 0);
	assert_int_equal(tile_width_at(0, 0, 256), 256);
	assert_int_equal(tile_width_at(0, 1, 256), 0);
	assert_int_equal(tile_width_at(1, 0, 256), 1);
}

TEST_CASE(test_grows_to_the_same_roots_whatever_the_batches)
{
	static const uint64_t sizes[] = {1, 2, 3, 255, 256, 257, 511, 512, 700, 1100};
	struct place *place = *state;
	struct sha256 root, expected;
	struct error err = {0};
	uint64_t size = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTO(tile_edge) struct tile_edge edge;

		grow(place, size, sizes[i]);
		size = sizes[i];
		assert_ok(tile_edge_load(&edge, &place->files.store, size, &err), &err);
		assert_ok(tile_edge_root(&edge, &root, &err), &err);
		fixture_root(0, size, &expected);
		assert_true(sha256_equal(&root, &expected));
	}
}

TEST_CASE(test_proves_from_tiles_what_holds)
{
	AUTO(tile_reader) struct tile_reader *reader = NULL;
	struct place *place = *state;
	struct merkle_path path;
	struct sha256 root, old_root, leaf;
	struct error err = {0};

	grow(place, 0, 700);
	assert_non_null(reader = tile_reader_new(&place->files.store, 700, &err));
	fixture_root(0, 700, &root);
	for (uint64_t index = 0; index < 700; index += 7) {
		fixture_leaf(index, &leaf);
		assert_ok(merkle_prove_inclusion(tile_reader_source(reader), index, 700, &path, &err), &err);
		assert_ok(merkle_check_inclusion(&leaf, index, 700, &path, &root, &err), &err);
		fixture_root(0, index, &old_root);
		assert_ok(merkle_prove_consistency(tile_reader_source(reader), index, 700, &path, &err), &err);
		assert_ok(merkle_check_consistency(index, &old_root, 700, &root, &path, &err), &err);
	}
}

TEST_CASE(test_reads_the_full_tile_where_the_partial_one_is_gone)
{
	struct tile partial = {TILE_HASHES, 0, 0, 5};
	AUTO(buf) struct buf bytes = BUF_INIT(TILE_BYTES);
	struct place *place = *state;
	struct error err = {0};
	struct sha256 leaf;

	grow(place, 0, 5);
	grow(place, 5, 256);
	ledger_files_drop_partial(&place->files, &partial);
	assert_false(fs_exists(&place->fs, place->folder.fd, "tile/0/000.p"));
	assert_ok(tile_read(&place->files.store, &partial, &bytes, &err), &err);
	assert_int_equal(bytes.len, 5 * SHA256_SIZE);
	fixture_leaf(4, &leaf);
	assert_memory_equal(bytes.data + 4 * SHA256_SIZE, leaf.bytes, SHA256_SIZE);
}

TEST_CASE(test_says_which_entry_is_not_what_was_hashed)
{
	struct place *place = *state;
	struct tile_edge edge;
	struct error err = {0};

	grow(place, 0, 2);
	folder_put(&place->folder, "tile/entries/000.p/2", "\0\7entry 0\0\7entry 2", 18);
	assert_int_equal(tile_edge_load(&edge, &place->files.store, 2, &err), -1);
	assert_error(&err, ERROR_DAMAGED, "entry 1");
	folder_put(&place->folder, "tile/entries/000.p/2", "\0\7entry 0\0\7entry", 16);
	assert_int_equal(tile_edge_load(&edge, &place->files.store, 2, &err), -1);
	assert_error(&err, ERROR_REFUSED, "cut");
	folder_put(&place->folder, "tile/0/000.p/2", "short", 5);
	assert_int_equal(tile_edge_load(&edge, &place->files.store, 2, &err), -1);
	assert_error(&err, ERROR_REFUSED, "5 bytes");
}

TESTS(set_up, tear_down)
