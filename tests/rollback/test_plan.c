#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "rollback/plan.h"
#include "tests/support/folder.h"

struct place {
	struct folder folder;
	struct fs fs;
	struct plan *plan;
};

static int set_up(void **state)
{
	static struct place place; /* one test at a time */

	folder_init(&place.folder);
	fs_init(&place.fs);
	place.plan = calloc(1, sizeof(*place.plan));
	*state = &place;
	return place.plan ? 0 : -1;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	free(place->plan);
	folder_clear(&place->folder);
	return 0;
}

static struct plan_entry full_entry(const char *package)
{
	struct plan_entry entry = {.priority = 2,
		.group = 7,
		.state = PLAN_CONDEMNED,
		.folder = "5.1.0-00c0ffee",
		.former = "5.0.2-0badcafe",
		.starts = 2,
		.starts_max = 4,
		.self_test_timeout_s = 30,
		.self_test = "bin/check --all  x",
		.reason = "応答がありません",
		.tested = true,
		.network = true,
		.line = 12345678901};

	(void)strcpy(entry.package, package);
	return entry;
}

TEST_CASE(test_reads_back_all_that_it_writes)
{
	struct place *place = *state;
	struct plan_entry full = full_entry("reader-app/acme");
	struct plan_entry small = {.package = "face-library", .priority = 3, .folder = "1.0-00000000"};
	struct error err = {0};

	(void)strcpy(place->plan->boot_id, "e0a4-11");
	place->plan->per_restart = 1;
	assert_ok(plan_put(place->plan, &full, &err), &err);
	assert_ok(plan_put(place->plan, &small, &err), &err);
	assert_ok(plan_write(&place->fs, place->folder.fd, place->plan, &err), &err);
	memset(place->plan, 0xff, sizeof(*place->plan));
	assert_ok(plan_read(&place->fs, place->folder.fd, place->plan, &err), &err);
	assert_string_equal(place->plan->boot_id, "e0a4-11");
	assert_int_equal(place->plan->per_restart, 1);
	assert_int_equal(place->plan->count, 2);
	assert_memory_equal(&place->plan->entries[0], &full, sizeof(full));
	assert_string_equal(place->plan->entries[1].package, "face-library");
	assert_string_equal(place->plan->entries[1].former, "");
	assert_false(place->plan->entries[1].tested);
}

/* Guard and agent of different versions read each other's plans: keys and their form stay. */
TEST_CASE(test_writes_the_form_that_is_documented)
{
	static const char form[] =
		"haishin-plan 1\nboot-id 5f1c\nper-restart 1\n"
		"package a\npriority 2\ngroup 7\nstate condemned\nfolder 5.1.0-00c0ffee\n"
		"former 5.0.2-0badcafe\nstarts 2\nstarts-max 4\nself-test-timeout-s 30\n"
		"self-test bin/check --all  x\nreason 応答がありません\nblameless yes\ntested yes\n"
		"migrate-timeout-s 60\nmigrate bin/migrate\nnetwork yes\nmigrated yes\nline 12345678901\n"
		"package b\npriority 3\nstate staged\nfolder 1-00000000\nstarts-max 3\nself-test-timeout-s 60\n"
		"checksum ";
	struct place *place = *state;
	struct plan_entry full = full_entry("a"), small = {.package = "b", .priority = 3, .folder = "1-00000000"};
	AUTO(free) char *text = NULL;
	struct error err = {0};

	full.blameless = full.migrated = true;
	(void)strcpy(full.migrate, "bin/migrate");
	(void)strcpy(place->plan->boot_id, "5f1c");
	place->plan->per_restart = 1;
	assert_ok(plan_put(place->plan, &full, &err), &err);
	assert_ok(plan_put(place->plan, &small, &err), &err);
	assert_ok(plan_write(&place->fs, place->folder.fd, place->plan, &err), &err);
	text = folder_get(&place->folder, "plan", NULL);
	text[strlen(form) < strlen(text) ? strlen(form) : strlen(text)] = '\0';
	assert_string_equal(text, form);
}

TEST_CASE(test_an_absent_plan_is_an_empty_one)
{
	struct place *place = *state;
	struct error err = {0};

	place->plan->count = 5;
	assert_ok(plan_read(&place->fs, place->folder.fd, place->plan, &err), &err);
	assert_int_equal(place->plan->count, 0);
	assert_int_equal(place->fs.changes, 0);
}

TEST_CASE(test_keeps_entries_in_the_order_of_priority)
{
	static const struct {
		const char *package;
		int priority;
	} rows[] = {{"c", 3}, {"a", 1}, {"d", 3}, {"b", 2}, {"a", 4}};
	static const char *const expected[] = {"b", "c", "d", "a"};
	struct place *place = *state;
	struct error err = {0};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_entry entry = {.priority = rows[i].priority, .folder = "1-00000000"};

		(void)strcpy(entry.package, rows[i].package);
		assert_ok(plan_put(place->plan, &entry, &err), &err);
	}
	assert_int_equal(place->plan->count, 4);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		assert_string_equal(place->plan->entries[i].package, expected[i]);
	plan_drop(place->plan, "c");
	plan_drop(place->plan, "not-there");
	assert_null(plan_find(place->plan, "c"));
	assert_int_equal(place->plan->count, 3);
}

TEST_CASE(test_fills_in_what_staging_left_out)
{
	struct place *place = *state;
	struct plan_entry entry = {.package = "a", .folder = "1-00000000"};
	struct error err = {0};

	assert_ok(plan_put(place->plan, &entry, &err), &err);
	assert_int_equal(plan_find(place->plan, "a")->starts_max, 3);
	assert_int_equal(plan_find(place->plan, "a")->self_test_timeout_s, 60);
}

TEST_CASE(test_holds_no_more_packages_than_fit)
{
	struct place *place = *state;
	struct plan_entry entry = full_entry("");
	struct error err = {0};

	memset(entry.self_test, 'x', sizeof(entry.self_test) - 1);
	memset(entry.reason, 'x', sizeof(entry.reason) - 1);
	for (int i = 0; i < PLAN_MAX_ENTRIES; i++) {
		(void)snprintf(entry.package, sizeof(entry.package), "package-%d", i);
		assert_ok(plan_put(place->plan, &entry, &err), &err);
	}
	(void)strcpy(entry.package, "one-more");
	assert_int_equal(plan_put(place->plan, &entry, &err), -1);
	assert_error(&err, ERROR_FAILED, "256 packages");
	assert_ok(plan_write(&place->fs, place->folder.fd, place->plan, &err), &err);
	assert_ok(plan_read(&place->fs, place->folder.fd, place->plan, &err), &err);
	assert_int_equal(place->plan->count, PLAN_MAX_ENTRIES);
}

TEST_CASE(test_refuses_to_write_what_it_could_not_read_back)
{
	struct plan_entry rows[4];
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		rows[i] = full_entry("a");
	(void)strcpy(rows[0].self_test, "two\nlines");
	*rows[1].package = '\0';
	*rows[2].folder = '\0';
	rows[3].priority = -1;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};

		place->plan->entries[0] = rows[i];
		place->plan->count = 1;
		assert_int_equal(plan_write(&place->fs, place->folder.fd, place->plan, &err), -1);
		assert_error(&err, ERROR_USAGE, "plan");
	}
	assert_false(fs_exists(&place->fs, place->folder.fd, "plan"));
}

TEST_CASE(test_writes_whatever_the_reason_holds)
{
	struct place *place = *state;
	struct plan_entry entry = full_entry("a");
	struct error err = {0};

	(void)strcpy(entry.reason, "no\r\nreader\x1b\xff");
	assert_ok(plan_put(place->plan, &entry, &err), &err);
	assert_ok(plan_write(&place->fs, place->folder.fd, place->plan, &err), &err);
	assert_ok(plan_read(&place->fs, place->folder.fd, place->plan, &err), &err);
	assert_string_equal(place->plan->entries[0].reason, "no??reader??");
}

TEST_CASE(test_finds_every_single_damaged_byte)
{
	struct place *place = *state;
	struct plan_entry entry = full_entry("a");
	AUTO(free) char *text = NULL;
	struct error err = {0};
	size_t len;

	assert_ok(plan_put(place->plan, &entry, &err), &err);
	assert_ok(plan_write(&place->fs, place->folder.fd, place->plan, &err), &err);
	text = folder_get(&place->folder, "plan", &len);
	for (size_t i = 0; i < len; i++) {
		text[i] ^= 4;
		folder_put(&place->folder, "plan", text, len);
		assert_int_equal(plan_read(&place->fs, place->folder.fd, place->plan, &err), -1);
		assert_error(&err, ERROR_DAMAGED, "the plan");
		text[i] ^= 4;
	}
}

TEST_CASE(test_finds_a_plan_cut_at_any_length)
{
	struct place *place = *state;
	struct plan_entry entry = full_entry("a");
	AUTO(free) char *text = NULL;
	struct error err = {0};
	size_t len;

	assert_ok(plan_put(place->plan, &entry, &err), &err);
	assert_ok(plan_write(&place->fs, place->folder.fd, place->plan, &err), &err);
	text = folder_get(&place->folder, "plan", &len);
	for (size_t cut = 0; cut < len; cut++) {
		folder_put(&place->folder, "plan", text, cut);
		assert_int_equal(plan_read(&place->fs, place->folder.fd, place->plan, &err), -1);
		assert_error(&err, ERROR_DAMAGED, "the plan");
	}
}

/* Writes BODY as a plan whose checksum is right. */
static void put_plan(struct place *place, const char *body)
{
	char text[2048];
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	int len;

	for (const char *c = body; *c; c++)
		sum = (sum ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	len = snprintf(text, sizeof(text), "%schecksum %016llx\n", body, (unsigned long long)sum);
	folder_put(&place->folder, "plan", text, (size_t)len);
}

TEST_CASE(test_names_the_line_that_is_damaged)
{
	static const char *const rows[][2] = {
		{"haishin-plan 2\n", "line 1"},
		{"haishin-plan 1\nper-restart x\n", "line 2 (per-restart)"},
		{"haishin-plan 1\npackage a\nstate new\n", "line 3 (state)"},
		{"haishin-plan 1\npackage a\nfolder 1\npackage a\nfolder 2\n", "line 4 (package)"},
		{"haishin-plan 1\npackage a\nfolder 1\nstarts -1\n", "line 4 (starts)"},
		{"haishin-plan 1\npackage a\nfolder 1\nstarts\n", "line 4 (starts)"},
		{"haishin-plan 1\npackage a\n", "names no folder for a"},
	};
	struct place *place = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};

		put_plan(place, rows[i][0]);
		assert_int_equal(plan_read(&place->fs, place->folder.fd, place->plan, &err), -1);
		assert_error(&err, ERROR_DAMAGED, rows[i][1]);
	}
}

TEST_CASE(test_passes_over_what_a_newer_release_added)
{
	struct place *place = *state;
	struct error err = {0};

	put_plan(place, "haishin-plan 1\ncolour red\npackage a\nfolder 1-00000000\nweight 3\nstarts 2\n");
	assert_ok(plan_read(&place->fs, place->folder.fd, place->plan, &err), &err);
	assert_int_equal(place->plan->entries[0].starts, 2);
}

TEST_CASE(test_reads_numbers_that_a_former_release_wrote_out)
{
	struct place *place = *state;
	struct error err = {0};

	put_plan(place,
		"haishin-plan 1\nper-restart 0\npackage a\npriority 1\ngroup 0\nstate trial\nfolder 1-00000000\n"
		"starts 0\nstarts-max 3\nself-test-timeout-s 60\nmigrate-timeout-s 60\nmigrate bin/migrate\n");
	assert_ok(plan_read(&place->fs, place->folder.fd, place->plan, &err), &err);
	assert_int_equal(place->plan->count, 1);
	assert_int_equal(place->plan->entries[0].group, 0);
	assert_int_equal(place->plan->entries[0].state, PLAN_TRIAL);
	assert_string_equal(place->plan->entries[0].migrate, "bin/migrate");
}

TEST_CASE(test_keeps_each_plan_that_is_set_aside)
{
	struct place *place = *state;
	struct error err = {0};

	folder_put(&place->folder, "plan", "one", 3);
	assert_ok(plan_set_aside(&place->fs, place->folder.fd, &err), &err);
	folder_put(&place->folder, "plan", "two", 3);
	assert_ok(plan_set_aside(&place->fs, place->folder.fd, &err), &err);
	assert_true(fs_exists(&place->fs, place->folder.fd, "plan.damaged-1"));
	assert_true(fs_exists(&place->fs, place->folder.fd, "plan.damaged-2"));
	assert_false(fs_exists(&place->fs, place->folder.fd, "plan"));
}

/* Two entries of a group with these states, and a third that stands alone on trial. */
static void fill(struct plan *plan, enum plan_state first, enum plan_state second)
{
	const struct plan_entry entries[] = {
		{.package = "face-library", .priority = 1, .group = 4, .state = first, .folder = "2.0-00000001"},
		{.package = "linkage-app", .priority = 2, .group = 4, .state = second, .folder = "2.0-00000002"},
		{.package = "distro-app", .priority = 3, .state = PLAN_TRIAL, .folder = "2.0-00000003"},
	};
	struct error err = {0};

	*plan = (struct plan){0};
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		assert_ok(plan_put(plan, &entries[i], &err), &err);
}

TEST_CASE(test_a_group_is_on_trial_when_all_of_it_is)
{
	struct plan *plan = ((struct place *)*state)->plan;

	fill(plan, PLAN_TRIAL, PLAN_TRIAL);
	assert_true(plan_is_on_trial(plan, plan_find(plan, "face-library")));
	assert_int_equal(plan_count_trials(plan), 3);
	fill(plan, PLAN_TRIAL, PLAN_STAGED);
	assert_false(plan_is_on_trial(plan, plan_find(plan, "face-library")));
	fill(plan, PLAN_CONDEMNED, PLAN_TRIAL);
	assert_false(plan_is_on_trial(plan, plan_find(plan, "linkage-app")));
	assert_int_equal(plan_count_trials(plan), 1);
	assert_int_equal(plan_free_group(plan), 5);
}

TEST_CASE(test_a_group_has_begun_once_the_guard_kept_a_line_for_one_of_it)
{
	struct plan *plan = ((struct place *)*state)->plan;

	fill(plan, PLAN_STAGED, PLAN_STAGED);
	assert_false(plan_has_begun(plan, plan_find(plan, "face-library")));
	plan_find(plan, "linkage-app")->line = 7;
	assert_true(plan_has_begun(plan, plan_find(plan, "face-library")));
	fill(plan, PLAN_STAGED, PLAN_TRIAL);
	assert_true(plan_has_begun(plan, plan_find(plan, "face-library")));
	assert_true(plan_has_begun(plan, plan_find(plan, "distro-app")));
}

TESTS(set_up, tear_down)
