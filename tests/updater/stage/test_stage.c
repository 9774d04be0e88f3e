/* What is fetched for a release, and what is there afterwards. */
#include <stdio.h>

#include "tests/updater/stage/stage_site.h"

TEST_CASE(test_stages_a_whole_release)
{
	struct site *site = *state;

	site_stages(site);
	site_assert_file(site, site_path(site->new.folder, "bin/reader"), site->noise[2], 90000);
	site_assert_file(site, site_path(site->new.folder, "latest"), site->noise[1], 200000);
	assert_true(site->server.bytes <= site->new.bytes.len);
	assert_int_equal(site->progress.wire_bytes, site->progress.wire_total);
	assert_int_equal(site->progress.unpacked_bytes, site->progress.unpacked_total);
}

static unsigned flushes;

static int count_flushes(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)fs;
	(void)number;
	(void)path;
	flushes += change == FS_SYNC;
	return 0;
}

TEST_CASE(test_needs_few_flushes)
{
	struct site *site = *state;

	flushes = 0;
	site->fs.before_change = count_flushes;
	assert_ok(site_stage(site), &site->err);
	assert_int_equal(flushes, 2); /* of the tree, and of the name */
}

TEST_CASE(test_fetches_nothing_where_the_release_is_there)
{
	struct site *site = *state;

	site_stages(site);
	site_stages(site);
	assert_int_equal(site->server.bytes, 0);
}

TEST_CASE(test_does_not_fetch_files_that_did_not_change)
{
	struct site *site = *state;

	site_stage_old(site);
	site_stages(site);
	assert_true(site->server.bytes < site->new.bytes.len * 65 / 100);
	assert_int_equal(site->progress.saved_bytes, site->new.bytes.len - site->server.bytes);
}

/* Another package's release that holds the same files. */
TEST_CASE(test_takes_from_other_packages_what_is_the_same_there)
{
	struct site *site = *state;
	struct stage_neighbour neighbour = {.versions_dir_fd = site->versions_fd, .folder = site->old.folder};

	site_stage_old(site);
	site->request.current_folder = NULL;
	site->request.neighbours = &neighbour;
	site->request.neighbours_count = 1;
	site_stages(site);
	assert_true(site->server.bytes < site->new.bytes.len * 65 / 100);
	assert_int_equal(site->progress.saved_bytes, site->new.bytes.len - site->server.bytes);
}

TEST_CASE(test_does_without_a_neighbour_that_is_damaged_or_gone)
{
	struct site *site = *state;
	struct stage_neighbour neighbours[] = {
		{.versions_dir_fd = site->versions_fd, .folder = "gone"},
		{.versions_dir_fd = site->versions_fd, .folder = site->old.folder},
	};

	site_stage_old(site);
	folder_put(&site->folder, site_path(site->old.folder, "lib/big.so"), "short", 5);
	site->request.current_folder = NULL;
	site->request.neighbours = neighbours;
	site->request.neighbours_count = 2;
	site_stages(site);
	assert_true(site->server.bytes > site->new.bytes.len * 95 / 100);
}

TEST_CASE(test_fetches_what_is_damaged_in_the_current_release)
{
	struct site *site = *state;

	site_stage_old(site);
	site_spoil(site, site_path(site->old.folder, "lib/big.so"), 100000);
	site_stages(site);
	assert_true(site->server.bytes > site->new.bytes.len * 95 / 100);
}

TEST_CASE(test_fetches_everything_where_the_current_release_has_no_description)
{
	struct site *site = *state;
	char json[160];

	site_stage_old(site);
	(void)snprintf(json, sizeof(json), "versions/%s.json", site->old.folder);
	folder_put(&site->folder, json, "{ damaged", 9);
	site_stages(site);
}

TEST_CASE(test_repairs_a_staged_release_that_is_damaged)
{
	struct site *site = *state;

	assert_ok(site_stage(site), &site->err);
	folder_put(&site->folder, site_path(site->new.folder, "share/note"), "nota", 4);
	folder_put(&site->folder, site_path(site->new.folder, "share/stray"), "x", 1);
	site_stages(site);
	assert_true(site->server.bytes > 0 && site->server.bytes < site->new.bytes.len / 3);
}

TEST_CASE_WITH(test_verify_finds_every_kind_of_damage, NULL, NULL)
{
	static const struct {
		const char *command, *part;
	} cases[] = {
		{"rm share/note", "missing"},
		{"echo x >stray", "not part"},
		{"chmod 0777 share/note", "mode"},
		{"printf nota >share/note", "content"},
		{"printf note2 >share/note", "bytes"},
		{"ln -sfn bin latest", "points to"},
		{"rm share/note && mkdir share/note", "kind"},
		{"mv share elsewhere && ln -s elsewhere share", "kind"},
		{"chmod u+s bin/reader", "mode"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct site *site = site_new();

		site_stages(site);
		site_run(site, "cd 'versions/%s' && %s", site->new.folder, cases[i].command);
		assert_int_equal(site_verify(site), -1);
		assert_error(&site->err, ERROR_DAMAGED, cases[i].part);
		site_free(site);
	}
}

TESTS(site_setup, site_teardown)
