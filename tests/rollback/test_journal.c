#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rollback/checksum.h"
#include "rollback/journal.h"
#include "tests/support/folder.h"

struct place {
	struct folder folder;
	struct fs fs;
};

struct lines {
	struct journal_line list[16];
	int count;
};

static int set_up(void **state)
{
	static struct place place; /* one test at a time */

	folder_init(&place.folder);
	fs_init(&place.fs);
	*state = &place;
	return 0;
}

static int tear_down(void **state)
{
	folder_clear(&((struct place *)*state)->folder);
	return 0;
}

static int keep(void *context, const struct journal_line *line, struct error *err)
{
	struct lines *lines = context;

	if (lines->count == ARRAY_SIZE(lines->list))
		return error_set(err, ERROR_FAILED, "too many lines");
	lines->list[lines->count++] = *line;
	return 0;
}

static struct lines read_all(struct place *place)
{
	struct lines lines = {.count = 0};
	struct error err = {0};

	assert_ok(journal_read(&place->fs, place->folder.fd, keep, &lines, &err), &err);
	return lines;
}

static struct journal_line append(struct place *place, uint64_t number, const char *package)
{
	struct journal_line line = {.number = number,
		.at_s = 1768824000,
		.boot_id = "e0a4",
		.event = JOURNAL_ROLLED_BACK,
		.folder = "5.1.0-00c0ffee",
		.former = "5.0.2-0badcafe",
		.reason = "it does not answer"};
	struct error err = {0};

	(void)strcpy(line.package, package);
	assert_ok(journal_append(&place->fs, place->folder.fd, &line, 1, &err), &err);
	return line;
}

TEST_CASE(test_reads_back_all_that_it_appends)
{
	struct place *place = *state;
	struct journal_line written = append(place, 0, "reader-app/acme");
	struct journal_line nothing = {.event = JOURNAL_PLAN_LOST};
	struct error err = {0};
	struct lines lines;

	assert_ok(journal_append(&place->fs, place->folder.fd, &nothing, 1, &err), &err);
	lines = read_all(place);
	assert_int_equal(lines.count, 2);
	assert_memory_equal(&lines.list[0], &written, sizeof(written));
	assert_int_equal(lines.list[1].number, 2);
	assert_string_equal(lines.list[1].package, "");
	assert_string_equal(lines.list[1].reason, "");
}

TEST_CASE(test_an_absent_journal_has_no_lines)
{
	struct place *place = *state;
	struct error err = {0};
	uint64_t number = 7;

	assert_int_equal(read_all(place).count, 0);
	assert_ok(journal_last_number(&place->fs, place->folder.fd, &number, &err), &err);
	assert_int_equal(number, 0);
	assert_ok(journal_forget(&place->fs, place->folder.fd, 9, &err), &err);
	assert_int_equal(place->fs.changes, 0);
}

TEST_CASE(test_no_number_is_used_twice_after_lines_were_forgotten)
{
	struct place *place = *state;
	struct error err = {0};
	struct lines lines;

	(void)append(place, 0, "a");
	(void)append(place, 0, "b");
	(void)append(place, 0, "c");
	assert_ok(journal_forget(&place->fs, place->folder.fd, 2, &err), &err);
	lines = read_all(place);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.list[0].package, "c");
	assert_ok(journal_forget(&place->fs, place->folder.fd, 3, &err), &err);
	assert_int_equal(read_all(place).count, 0);
	assert_int_equal(append(place, 0, "d").number, 4);
}

TEST_CASE(test_a_line_kept_beforehand_is_told_once)
{
	struct place *place = *state;
	struct error err = {0};

	(void)append(place, 5, "a");
	(void)append(place, 5, "a");
	(void)append(place, 3, "b"); /* behind another, and still told */
	assert_int_equal(read_all(place).count, 2);
	assert_ok(journal_forget(&place->fs, place->folder.fd, 5, &err), &err);
	(void)append(place, 5, "a");
	assert_int_equal(read_all(place).count, 0);
	assert_int_equal(append(place, 0, "c").number, 6);
}

TEST_CASE(test_passes_over_a_line_cut_at_any_byte_and_goes_on)
{
	struct place *place = *state;
	AUTO(free) char *text = NULL;
	size_t len, first;

	(void)append(place, 0, "a");
	free(folder_get(&place->folder, "journal", &first));
	(void)append(place, 0, "b");
	text = folder_get(&place->folder, "journal", &len);
	for (size_t cut = first; cut < len; cut++) {
		struct lines lines;

		folder_put(&place->folder, "journal", text, cut);
		assert_int_equal(read_all(place).count, cut == len - 1 ? 2 : 1); /* only its line break is missing */
		(void)append(place, 2, "b");
		lines = read_all(place);
		assert_int_equal(lines.count, 2);
		assert_string_equal(lines.list[1].package, "b");
	}
}

TEST_CASE(test_passes_over_bytes_that_never_reached_the_disk)
{
	static const char zeroes[100] = {0};
	struct place *place = *state;
	struct error err = {0};

	(void)append(place, 0, "a");
	assert_ok(fs_append_file(&place->fs, place->folder.fd, "journal", zeroes, sizeof(zeroes), 0644, &err), &err);
	(void)append(place, 0, "b");
	assert_int_equal(read_all(place).count, 2);
}

/* A number that a disk made up, or another program's output that went there. */
TEST_CASE(test_a_journal_that_grew_beyond_all_bounds_is_set_aside)
{
	struct place *place = *state;
	struct lines lines;
	int fd;

	(void)append(place, 0, "face-library");
	assert_true((fd = openat(place->folder.fd, "journal", O_WRONLY)) >= 0);
	assert_int_equal(ftruncate(fd, (off_t)3 << 30), 0);
	(void)close(fd);
	assert_int_equal(read_all(place).count, 0);
	assert_true(fs_exists(&place->fs, place->folder.fd, "journal.damaged-1"));
	(void)append(place, 0, "linkage-app");
	lines = read_all(place);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.list[0].package, "linkage-app");
}

TEST_CASE(test_a_reason_cannot_forge_a_line)
{
	struct place *place = *state;
	struct journal_line line = {.event = JOURNAL_KEPT, .package = "a", .reason = "no\n9\tanswer\x1b[2J"};
	struct error err = {0};
	struct lines lines;

	assert_ok(journal_append(&place->fs, place->folder.fd, &line, 1, &err), &err);
	lines = read_all(place);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.list[0].reason, "no?9?answer?[2J");
}

TEST_CASE(test_passes_over_a_line_with_a_number_that_is_never_given)
{
	static const char zeroth[] =
		"haishin-journal 1 forgotten 0\n"
		"0\t2026-01-20T21:02:11Z\t5f1c\tactivated\tface-library\t5.13d\t5.7766\t-\t7a77d030bcca741a\n";
	struct place *place = *state;

	folder_put(&place->folder, "journal", zeroth, strlen(zeroth));
	assert_int_equal(read_all(place).count, 0);
	assert_int_equal(append(place, 0, "a").number, 1);
	assert_int_equal(read_all(place).count, 1);
}

TEST_CASE(test_keeps_the_line_of_a_newer_guard_for_a_newer_agent)
{
	static const char line[] = "7\t2026-01-20T21:02:11Z\t5f1c\tpolished\tface-library\t5.13d\t5.7766\t-";
	struct place *place = *state;
	AUTO(free) char *kept = NULL;
	char text[256], sum[CHECKSUM_TEXT_SIZE];
	struct error err = {0};

	(void)append(place, 6, "a");
	checksum_text(line, strlen(line), sum);
	(void)snprintf(text, sizeof(text), "%s\t%s\n", line, sum);
	assert_ok(fs_append_file(&place->fs, place->folder.fd, "journal", text, strlen(text), 0644, &err), &err);
	assert_int_equal(read_all(place).count, 1); /* what it says is not known here */
	assert_int_equal(append(place, 0, "b").number, 8);
	assert_ok(journal_forget(&place->fs, place->folder.fd, 6, &err), &err);
	kept = folder_get(&place->folder, "journal", NULL);
	assert_non_null(strstr(kept, text));
	assert_int_equal(read_all(place).count, 1);
}

TEST_CASE(test_an_error_of_the_reader_ends_the_reading)
{
	struct place *place = *state;
	struct lines full = {.count = ARRAY_SIZE(full.list)};
	struct error err = {0};

	(void)append(place, 0, "a");
	assert_int_equal(journal_read(&place->fs, place->folder.fd, keep, &full, &err), -1);
	assert_error(&err, ERROR_FAILED, "too many lines");
}

TESTS(set_up, tear_down)
