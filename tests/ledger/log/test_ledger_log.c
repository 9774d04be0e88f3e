#include "tests/support/test.h"

#include <unistd.h>

#include "ledger/log/ledger_log.h"
#include "ledger/tree/tile.h"
#include "tests/ledger/ledger_fixture.h"
#include "tests/support/folder.h"

struct world {
	struct folder folder;
	struct fs fs;
	struct party party;
	struct ledger_place place;
};

static int set_up(void **state)
{
	static struct world world; /* one test at a time */
	struct error err = {0};

	world = (struct world){0};
	folder_init(&world.folder);
	fs_init(&world.fs);
	party_init(&world.party, "ledger.example.jp/1", VKEY_NOTE);
	world.place = (struct ledger_place){
		.fs = &world.fs,
		.folder = world.folder.path,
		.origin = "ledger.example.jp/1",
		.signer = world.party.signer,
	};
	assert_ok(ledger_log_create(&world.place, &err), &err);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	party_clear(&world->party);
	folder_clear(&world->folder);
	return 0;
}

static struct ledger_log *open_log(struct world *world)
{
	struct error err = {0};
	struct ledger_log *log = ledger_log_open(&world->place, &err);

	if (!log)
		fail_msg("%s", err.text);
	return log;
}

/* Appends the next COUNT entries; -1 with ERR as ledger_log_append says. */
static int append(struct ledger_log *log, size_t count, struct error *err)
{
	static char texts[LEDGER_LOG_MAX_BATCH + 1][32];
	static struct span entries[LEDGER_LOG_MAX_BATCH + 1];
	uint64_t size = ledger_log_newest(log)->size, first = 0;

	for (size_t i = 0; i < count; i++)
		entries[i] = fixture_entry(size + i, texts[i]);
	if (ledger_log_append(log, entries, count, &first, err) < 0)
		return -1;
	assert_int_equal(first, size);
	return 0;
}

static void assert_tree(const struct ledger_log *log, uint64_t size)
{
	struct sha256 root;

	fixture_root(0, size, &root);
	assert_int_equal(ledger_log_newest(log)->size, size);
	assert_true(sha256_equal(&ledger_log_newest(log)->root, &root));
}

TEST_CASE(test_grows_by_batches_and_goes_on_where_it_was_left)
{
	static const size_t batches[] = {1, 1, 254, 1, 300, 4096, 17};
	struct world *world = *state;
	struct error err = {0};
	uint64_t size = 0;

	for (size_t i = 0; i < ARRAY_SIZE(batches); i++) {
		AUTO(ledger_log) struct ledger_log *log = open_log(world);

		assert_ok(append(log, batches[i], &err), &err);
		size += batches[i];
		assert_tree(log, size);
		assert_ok(ledger_log_publish(log, SPAN(""), &err), &err);
	}
}

TEST_CASE(test_proves_what_it_holds)
{
	struct world *world = *state;
	AUTO(ledger_log) struct ledger_log *log = open_log(world);
	struct merkle_path path;
	struct error err = {0};
	struct sha256 old_root, leaf;
	char text[32];

	for (int i = 0; i < 30; i++)
		assert_ok(append(log, 29, &err), &err);
	for (uint64_t index = 0; index < 870; index += 29) {
		AUTO(buf) struct buf entry = BUF_INIT(64);
		const struct checkpoint *newest = ledger_log_newest(log);

		fixture_leaf(index, &leaf);
		assert_ok(ledger_log_prove(log, index, newest->size, &path, &err), &err);
		assert_ok(merkle_check_inclusion(&leaf, index, newest->size, &path, &newest->root, &err), &err);
		fixture_root(0, index, &old_root);
		assert_ok(ledger_log_prove_growth(log, index, newest->size, &path, &err), &err);
		assert_ok(merkle_check_consistency(index, &old_root, newest->size, &newest->root, &path, &err), &err);
		assert_ok(ledger_log_entry(log, index, &entry, &err), &err);
		assert_string_equal(buf_text(&entry), fixture_entry(index, text).at);
	}
	assert_int_equal(ledger_log_prove(log, 870, 870, &path, &err), -1);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_int_equal(ledger_log_prove_growth(log, 871, 870, &path, &err), -1);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_int_equal(ledger_log_prove(log, 0, 871, &path, &err), -1);
	assert_error(&err, ERROR_USAGE, "the ledger has 870 entries, not 871");
}

/* What waits for its witnesses is not served yet, and proofs are asked for in what is. */
TEST_CASE(test_proves_in_the_tree_that_is_served_while_a_newer_one_waits)
{
	struct world *world = *state;
	AUTO(ledger_log) struct ledger_log *log = open_log(world);
	struct sha256 leaf, root, expected;
	struct merkle_path path;
	struct error err = {0};

	assert_ok(append(log, 300, &err), &err);
	assert_ok(ledger_log_publish(log, SPAN(""), &err), &err);
	assert_ok(append(log, 700, &err), &err);
	assert_int_equal(ledger_log_served(log), 300);
	assert_ok(ledger_log_root(log, 300, &root, &err), &err);
	fixture_root(0, 300, &expected);
	assert_true(sha256_equal(&root, &expected));
	for (uint64_t index = 0; index < 300; index += 23) {
		fixture_leaf(index, &leaf);
		assert_ok(ledger_log_prove(log, index, 300, &path, &err), &err);
		assert_ok(merkle_check_inclusion(&leaf, index, 300, &path, &root, &err), &err);
	}
	log = (ledger_log_close(log), NULL);
	log = open_log(world);
	assert_int_equal(ledger_log_served(log), 300);
	assert_int_equal(ledger_log_newest(log)->size, 1000);
	assert_memory_equal(ledger_log_served_note(log).at, "ledger.example.jp/1\n300\n", 24);
}

TEST_CASE(test_serves_a_checkpoint_with_its_cosignatures_when_it_is_published)
{
	struct world *world = *state;
	AUTO(ledger_log) struct ledger_log *log = open_log(world);
	AUTO(free) char *before = NULL, *after = NULL;
	struct error err = {0};
	struct note note;

	assert_ok(append(log, 3, &err), &err);
	assert_null(before = folder_get(&world->folder, "checkpoint", NULL));
	assert_ok(ledger_log_publish(log, SPAN("\xe2\x80\x94 w.example AAAAAAEC\n"), &err), &err);
	assert_non_null(after = folder_get(&world->folder, "checkpoint", NULL));
	assert_ok(note_parse(SPAN(after), &note, &err), &err);
	assert_int_equal(note.count, 2);
	assert_int_equal(note_check(&note, ledger_log_key(log)), NOTE_SIGNED);
}

/* A checkpoint a second would otherwise leave four files each, for ever. */
TEST_CASE(test_keeps_partial_tiles_no_longer_than_they_are_needed)
{
	struct world *world = *state;
	AUTO(ledger_log) struct ledger_log *log = open_log(world);
	struct error err = {0};

	for (int i = 0; i < 3; i++) {
		assert_ok(append(log, 100, &err), &err);
		assert_ok(ledger_log_publish(log, SPAN(""), &err), &err);
		assert_int_equal(fs_exists(&world->fs, world->folder.fd, "tile/0/000.p"), i < 2);
		assert_int_equal(fs_exists(&world->fs, world->folder.fd, "tile/entries/000.p"), i < 2);
	}
	assert_true(fs_exists(&world->fs, world->folder.fd, "tile/0/000"));
	assert_true(fs_exists(&world->fs, world->folder.fd, "tile/0/001.p/44"));
}

TEST_CASE(test_a_second_one_on_the_same_ledger_stops_with_a_clear_sentence)
{
	struct world *world = *state;
	AUTO(ledger_log) struct ledger_log *log = open_log(world);
	struct error err = {0};

	assert_null(ledger_log_open(&world->place, &err));
	assert_error(&err, ERROR_BUSY, "another process appends to the ledger");
	assert_tree(log, 0);
}

TEST_CASE(test_never_begins_a_ledger_anew_over_one_that_is_there)
{
	struct world *world = *state;
	struct error err = {0};

	assert_int_equal(ledger_log_create(&world->place, &err), -1);
	assert_error(&err, ERROR_USAGE, "holds a ledger already");
}

TEST_CASE(test_does_not_open_what_was_not_begun)
{
	struct world *world = *state;
	struct error err = {0};

	assert_int_equal(unlinkat(world->folder.fd, "checkpoint.newest", 0), 0);
	assert_null(ledger_log_open(&world->place, &err));
	assert_error(&err, ERROR_NOT_FOUND, "put its folder back");
}

TEST_CASE(test_another_key_does_not_go_on_with_the_ledger)
{
	struct world *world = *state;
	struct error err = {0};
	struct party other;

	party_init(&other, "ledger.example.jp/1", VKEY_NOTE);
	world->place.signer = other.signer;
	assert_null(ledger_log_open(&world->place, &err));
	assert_error(&err, ERROR_DAMAGED, "has not signed");
	party_clear(&other);
}

/* Tile and bundle agree with each other, but not with what was signed. */
TEST_CASE(test_finds_tiles_that_are_not_those_it_signed)
{
	struct world *world = *state;
	struct error err = {0};
	struct ledger_log *log = open_log(world);
	struct sha256 leaf;

	assert_ok(append(log, 1, &err), &err);
	ledger_log_close(log);
	fixture_leaf(7, &leaf);
	folder_put(&world->folder, "tile/0/000.p/1", leaf.bytes, sizeof(leaf.bytes));
	assert_null(ledger_log_open(&world->place, &err));
	assert_error(&err, ERROR_DAMAGED, "entry 0");
	folder_put(&world->folder, "tile/entries/000.p/1", "\0\7entry 7", 9);
	assert_null(ledger_log_open(&world->place, &err));
	assert_error(&err, ERROR_DAMAGED, "are not those of the checkpoint of 1 entries");
}

/* The older of two states of the folder, but for the checkpoint that is served. */
TEST_CASE(test_finds_that_it_was_put_back_in_part)
{
	struct world *world = *state;
	struct error err = {0};
	struct ledger_log *log = open_log(world);
	AUTO(free) char *old = folder_get(&world->folder, "checkpoint.newest", NULL);

	assert_ok(append(log, 2, &err), &err);
	assert_ok(ledger_log_publish(log, SPAN(""), &err), &err);
	ledger_log_close(log);
	folder_put(&world->folder, "checkpoint.newest", old, strlen(old));
	assert_null(ledger_log_open(&world->place, &err));
	assert_error(&err, ERROR_DAMAGED, "put back in part");
}

TEST_CASE(test_stops_where_somebody_else_has_signed_meanwhile)
{
	struct world *world = *state;
	AUTO(ledger_log) struct ledger_log *log = open_log(world);
	struct error err = {0};

	assert_ok(append(log, 1, &err), &err);
	folder_put(&world->folder, "checkpoint.newest", "another\n", 8);
	assert_int_equal(append(log, 1, &err), -1);
	assert_error(&err, ERROR_DAMAGED, "somebody else has signed");
	assert_int_equal(append(log, 1, &err), -1);
	assert_error(&err, ERROR_DAMAGED, "open it anew");
}

static int refuse(void *context, struct error *err)
{
	return *(bool *)context ? error_set(err, ERROR_BUSY, "the lease has moved on") : 0;
}

TEST_CASE(test_signs_nothing_once_the_lease_has_moved_on)
{
	struct world *world = *state;
	bool moved = false;
	AUTO(free) char *before = NULL, *after = NULL;
	AUTO(ledger_log) struct ledger_log *log = NULL;
	struct error err = {0};

	world->place.may_sign = refuse;
	world->place.context = &moved;
	log = open_log(world);
	assert_ok(append(log, 1, &err), &err);
	before = folder_get(&world->folder, "checkpoint.newest", NULL);
	moved = true;
	assert_int_equal(append(log, 1, &err), -1);
	assert_error(&err, ERROR_BUSY, "the lease has moved on");
	after = folder_get(&world->folder, "checkpoint.newest", NULL);
	assert_string_equal(before, after);
}

TEST_CASE(test_refuses_batches_beyond_its_limits_and_goes_on)
{
	struct world *world = *state;
	AUTO(ledger_log) struct ledger_log *log = open_log(world);
	static char large[TILE_ENTRY_MAX_BYTES + 1];
	struct span entry = {large, sizeof(large)};
	struct error err = {0};
	uint64_t first;

	assert_int_equal(ledger_log_append(log, &entry, 0, &first, &err), -1);
	assert_error(&err, ERROR_USAGE, "0 entries");
	assert_int_equal(append(log, LEDGER_LOG_MAX_BATCH + 1, &err), -1);
	assert_error(&err, ERROR_USAGE, "4097 entries");
	assert_int_equal(ledger_log_append(log, &entry, 1, &first, &err), -1);
	assert_error(&err, ERROR_USAGE, "65536 bytes");
	entry.len--;
	assert_ok(ledger_log_append(log, &entry, 1, &first, &err), &err);
	assert_int_equal(ledger_log_newest(log)->size, 1);
}

TESTS(set_up, tear_down)
