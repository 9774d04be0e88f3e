/* From the bytes of a tar to files, and nothing else: by itself, whatever the release says. */
#include "updater/stage/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"
#include "tests/updater/unpacking.h"

static int unpack_frame_number(struct unpacking *unpacking, size_t frame)
{
	return unpack_frame(&unpacking->unpack, frame, unpacking->tar + unpacking->release->frames[frame].tar_offset,
		&unpacking->err);
}

/* All frames that are needed, in order; -1 at the first that fails. */
static int unpack_all(struct unpacking *unpacking)
{
	for (size_t k = 0; k < unpacking->release->frames_count; k++)
		if (unpacking->needs.frames[k] && unpack_frame_number(unpacking, k) < 0)
			return -1;
	return 0;
}

static int count_entry(void *context, const char *path, mode_t mode, struct error *err)
{
	int *count = context;

	(void)path, (void)mode, (void)err;
	++*count;
	return 0;
}

static int count_entries(struct unpacking *unpacking)
{
	int count = 0;

	assert_ok(tree_walk(&unpacking->tree, count_entry, &count, &unpacking->err), &unpacking->err);
	return count;
}

static unsigned mode_of(struct unpacking *unpacking, size_t file)
{
	struct stat st;

	assert_int_equal(fstatat(unpacking->root_fd, unpacking_file(unpacking, file)->path, &st, 0), 0);
	return st.st_mode & 07777;
}

/* ---- What it should do ---- */

TEST_CASE(test_cuts_all_files_out_of_the_frames_and_nothing_else)
{
	struct unpacking *unpacking = *state;

	unpacking_begin(unpacking);
	assert_ok(unpack_all(unpacking), &unpacking->err);
	unpacking_assert_file(unpacking, UNPACKING_ABOUT, UNPACKING_ABOUT_SIZE);
	unpacking_assert_file(unpacking, UNPACKING_READER, UNPACKING_READER_SIZE);
	unpacking_assert_file(unpacking, UNPACKING_NOTE, 4);
	unpacking_assert_file(unpacking, UNPACKING_DATA, UNPACKING_DATA_SIZE);
	unpacking_assert_file(unpacking, UNPACKING_SMALL, 3);
	assert_int_equal(mode_of(unpacking, UNPACKING_READER), 0755);
	assert_int_equal(mode_of(unpacking, UNPACKING_DATA), 0400);
	assert_int_equal(count_entries(unpacking), 7);
	assert_int_equal(unpacking->unpack.bytes, unpacking->release->installed_bytes);
	assert_int_equal(unpacking->unpack.missing_bytes, 0);
	for (size_t i = 0; i < unpacking->release->files_count; i++)
		assert_int_equal(unpacking->needs.files[i].done, unpacking->release->files[i].type == RELEASE_FILE);
}

TEST_CASE(test_leaves_alone_what_is_there_already)
{
	struct unpacking *unpacking = *state;

	unpacking->needs.files[UNPACKING_NOTE].done = true;
	unpacking_begin(unpacking);
	assert_ok(unpack_all(unpacking), &unpacking->err);
	assert_false(unpacking_has(unpacking, "note"));
	unpacking_assert_file(unpacking, UNPACKING_SMALL, 3);
}

/* The release lists some of what the tar holds; the rest is bytes that nobody asked for. */
TEST_CASE(test_writes_no_file_that_the_release_does_not_list)
{
	struct unpacking *unpacking = *state;
	struct release *release = unpacking->payload.release;

	release->files_count -= 1; /* share/small */
	unpacking_begin(unpacking);
	assert_ok(unpack_all(unpacking), &unpacking->err);
	release->files_count += 1;
	assert_false(unpacking_has(unpacking, "share/small"));
	assert_int_equal(count_entries(unpacking), 6);
}

TEST_CASE(test_writes_no_byte_more_than_the_release_says)
{
	struct unpacking *unpacking = *state;
	struct release_file *file = unpacking_file(unpacking, UNPACKING_READER);

	file->size = 40000; /* in the middle of a frame; the tar holds more of it */
	sha256_of(unpacking->noise, 40000, &file->sha256);
	unpacking_begin(unpacking);
	assert_ok(unpack_all(unpacking), &unpacking->err);
	unpacking_assert_file(unpacking, UNPACKING_READER, 40000);
	unpacking_assert_file(unpacking, UNPACKING_DATA, UNPACKING_DATA_SIZE);
}

/* ---- After a cut ---- */

/* As a cut leaves it: the beginning of a file, up to the end of a frame. */
static uint64_t put_beginning(struct unpacking *unpacking, size_t file, uint8_t change)
{
	const struct release_file *expected = unpacking_file(unpacking, file);
	uint64_t have = needs_whole_frames(&unpacking->needs, expected, expected->size / 2);
	char path[128];

	assert_in_range(have, 1, expected->size - 1);
	(void)snprintf(path, sizeof(path), "root/%s", expected->path);
	unpacking->noise[0] ^= change;
	folder_put(&unpacking->folder, path, unpacking->noise, have);
	unpacking->noise[0] ^= change;
	unpacking->needs.files[file].have = have;
	return have;
}

TEST_CASE(test_goes_on_in_a_file_of_which_the_beginning_is_there)
{
	struct unpacking *unpacking = *state;
	uint64_t have = put_beginning(unpacking, UNPACKING_DATA, 0);

	unpacking_begin(unpacking);
	assert_ok(unpack_all(unpacking), &unpacking->err);
	unpacking_assert_file(unpacking, UNPACKING_DATA, UNPACKING_DATA_SIZE);
	assert_int_equal(unpacking->unpack.bytes, unpacking->release->installed_bytes - have);
	assert_false(unpacking->unpack.stale);
}

TEST_CASE(test_a_wrong_beginning_is_the_cuts_fault_and_fetched_again)
{
	struct unpacking *unpacking = *state;

	(void)put_beginning(unpacking, UNPACKING_DATA, 1);
	unpacking_begin(unpacking);
	assert_ok(unpack_all(unpacking), &unpacking->err);
	assert_true(unpacking->unpack.stale);
	assert_false(unpacking->needs.files[UNPACKING_DATA].done);
	assert_int_equal(unpacking->needs.files[UNPACKING_DATA].have, 0);
	assert_false(unpacking_has(unpacking, "share/data"));
	assert_true(unpacking->needs.files[UNPACKING_SMALL].done); /* the others are */
}

TEST_CASE(test_a_beginning_that_became_shorter_is_damage)
{
	struct unpacking *unpacking = *state;
	uint64_t have = put_beginning(unpacking, UNPACKING_DATA, 0);

	folder_put(&unpacking->folder, "root/share/data", unpacking->noise, have - 1);
	unpacking_begin(unpacking);
	assert_int_equal(unpack_all(unpacking), -1);
	assert_error(&unpacking->err, ERROR_DAMAGED, "share/data");
}

/* ---- What it refuses ---- */

TEST_CASE(test_refuses_content_that_is_not_what_the_release_says)
{
	struct unpacking *unpacking = *state;

	unpacking->tar[unpacking_file(unpacking, UNPACKING_DATA)->tar_offset + 100000] ^= 1;
	unpacking_begin(unpacking);
	assert_int_equal(unpack_all(unpacking), -1);
	assert_error(&unpacking->err, ERROR_REFUSED, "'share/data' is not what the release says");
	assert_false(unpacking->needs.files[UNPACKING_DATA].done);
	assert_true(unpacking->needs.files[UNPACKING_READER].done);
}

TEST_CASE(test_nothing_leaves_the_folder_whatever_the_path)
{
	struct unpacking *unpacking = *state;
	char absolute[FOLDER_PATH_SIZE + 16];
	const char *const paths[] = {
		"../evil", "bin/../../evil", "bin/../bin/../../evil", "outside/evil", "outside/../evil", absolute};

	(void)snprintf(absolute, sizeof(absolute), "%s/evil", unpacking->folder.path);
	assert_int_equal(symlinkat("..", unpacking->root_fd, "outside"), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		unpacking_file(unpacking, UNPACKING_NOTE)->path = paths[i];
		unpack_clear(&unpacking->unpack);
		for (size_t k = 0; k < unpacking->release->files_count; k++)
			unpacking->needs.files[k].done = k != UNPACKING_NOTE;
		unpacking_begin(unpacking);
		if (unpack_all(unpacking) == 0 || unpacking->needs.files[UNPACKING_NOTE].done)
			fail_msg("'%s' was unpacked", paths[i]);
		assert_false(fs_exists(&unpacking->fs, unpacking->folder.fd, "evil"));
	}
}

/* Something else has the file's name already, put there by whoever could. */
static void check_name_is_taken(struct unpacking *unpacking)
{
	unpacking_begin(unpacking);
	assert_int_equal(unpack_all(unpacking), -1);
	assert_int_equal(unpacking->err.sys, EEXIST);
	assert_false(unpacking->needs.files[UNPACKING_NOTE].done);
}

TEST_CASE(test_writes_through_no_link_that_has_the_files_name)
{
	struct unpacking *unpacking = *state;
	size_t len;
	char *kept;

	folder_put(&unpacking->folder, "victim", "precious", 8);
	assert_int_equal(symlinkat("../victim", unpacking->root_fd, "note"), 0);
	check_name_is_taken(unpacking);
	assert_int_equal(unlinkat(unpacking->root_fd, "note", 0), 0);
	assert_int_equal(linkat(unpacking->folder.fd, "victim", unpacking->root_fd, "note", 0), 0);
	unpack_clear(&unpacking->unpack);
	unpacking->needs.files[UNPACKING_ABOUT].done = true;
	unpacking->needs.files[UNPACKING_READER].done = true;
	check_name_is_taken(unpacking);
	assert_non_null(kept = folder_get(&unpacking->folder, "victim", &len));
	assert_int_equal(len, 8);
	assert_memory_equal(kept, "precious", 8);
	free(kept);
}

/* Opening one would wait for ever for somebody at its other end. */
TEST_CASE(test_opens_no_pipe_that_has_the_files_name)
{
	struct unpacking *unpacking = *state;

	assert_int_equal(mkfifoat(unpacking->root_fd, "note", 0600), 0);
	check_name_is_taken(unpacking);
}

TEST_CASE(test_goes_on_in_nothing_but_a_file)
{
	struct unpacking *unpacking = *state;
	char path[FOLDER_PATH_SIZE + 16];

	unpacking->needs.files[UNPACKING_DATA].have = 10;
	assert_int_equal(mkfifoat(unpacking->root_fd, "share/data", 0600), 0);
	unpacking_begin(unpacking);
	assert_int_equal(unpack_all(unpacking), -1);
	assert_error(&unpacking->err, ERROR_DAMAGED, "'share/data' is not a file");

	assert_int_equal(unlinkat(unpacking->root_fd, "share/data", 0), 0);
	folder_put(&unpacking->folder, "victim", unpacking->noise, 10);
	(void)snprintf(path, sizeof(path), "%s/victim", unpacking->folder.path);
	assert_int_equal(symlinkat(path, unpacking->root_fd, "share/data"), 0);
	unpack_clear(&unpacking->unpack);
	for (size_t i = 0; i < UNPACKING_DATA; i++)
		unpacking->needs.files[i].done = true;
	unpacking_begin(unpacking);
	assert_int_equal(unpack_all(unpacking), -1);
	assert_int_equal(unpacking->unpack.bytes, 0); /* nothing went anywhere */
}

TEST_CASE(test_sets_no_bit_that_lends_rights)
{
	static const uint32_t modes[] = {04755, 02755, 01755, 07777, 0100644};

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct unpacking *unpacking = *state;

		unpacking_file(unpacking, UNPACKING_READER)->mode = modes[i];
		unpack_clear(&unpacking->unpack);
		unpacking_begin(unpacking);
		assert_int_equal(unpack_all(unpacking), -1);
		assert_error(&unpacking->err, ERROR_REFUSED, "'bin/reader' has the mode");
		assert_false(unpacking_has(unpacking, "bin/reader"));
		unpacking_file(unpacking, UNPACKING_BIN)->mode = modes[i];
		assert_int_equal(tree_set_folder_mode(
					 &unpacking->tree, unpacking_file(unpacking, UNPACKING_BIN), &unpacking->err),
			-1);
		assert_error(&unpacking->err, ERROR_REFUSED, "'bin' has the mode");
	}
}

/* ---- Space ---- */

TEST_CASE(test_says_at_every_frame_what_is_missing_on_the_disk)
{
	struct unpacking *unpacking = *state;

	unpacking_begin(unpacking);
	assert_ok(unpack_frame_number(unpacking, 0), &unpacking->err);
	unpacking->unpack.reserve_bytes = UINT64_MAX / 2; /* others have filled it meanwhile */
	assert_int_equal(unpack_frame_number(unpacking, 1), -1);
	assert_error(&unpacking->err, ERROR_NO_SPACE, "MiB more are needed on this disk");
	unpacking->unpack.reserve_bytes = UINT64_MAX; /* more than any number holds */
	assert_int_equal(unpack_frame_number(unpacking, 1), -1);
	assert_int_equal(unpacking->err.code, ERROR_NO_SPACE);
	unpacking->unpack.reserve_bytes = 0;
	assert_ok(unpack_frame_number(unpacking, 1), &unpacking->err);
}

TEST_CASE_WITH(test_a_disk_that_is_full_at_any_change_is_no_fault_of_the_release, NULL, NULL)
{
	uint64_t fail_at = 1;
	bool failed = true;

	for (; failed; fail_at++) {
		void *one = NULL;
		struct unpacking *unpacking;

		assert_int_equal(unpacking_setup(&one), 0);
		unpacking = one;
		unpacking->fail_at = fail_at;
		unpacking->fail_with = ENOSPC;
		unpacking_begin(unpacking);
		failed = unpack_all(unpacking) < 0;
		if (failed)
			assert_error(&unpacking->err, ERROR_NO_SPACE, "No space left on device");
		for (size_t i = 0; i < unpacking->release->files_count; i++) /* what is done is right */
			if (unpacking->needs.files[i].done)
				unpacking_assert_file(unpacking, i, unpacking->release->files[i].size);
		unpacking_teardown(&one);
	}
	assert_in_range(fail_at, 10, 1000); /* it did fail, many times */
}

TESTS(unpacking_setup, unpacking_teardown)
