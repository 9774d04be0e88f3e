#include "rollback/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/text.h"
#include "rollback/checksum.h"

#define JOURNAL_FILE "journal"
#define FIRST_LINE "haishin-journal 1 forgotten "
#define JOURNAL_MAX_BYTES (4u << 20)
#define LINE_MAX_BYTES 1024
#define FIELDS 9 /* number, time, boot, event, package, folder, former, reason, checksum; tabs between them */

static const char *const event_names[] = {
	[JOURNAL_ACTIVATED] = "activated",
	[JOURNAL_ROLLED_BACK] = "rolled-back",
	[JOURNAL_DROPPED] = "dropped",
	[JOURNAL_REPAIRED] = "repaired",
	[JOURNAL_PLAN_LOST] = "plan-lost",
	[JOURNAL_KEPT] = "kept",
	[JOURNAL_PUT_BACK] = "put-back",
};

const char *journal_event_name(enum journal_event event)
{
	return (size_t)event < ARRAY_SIZE(event_names) ? event_names[event] : "unknown";
}

/* "-" stands for nothing. */
static int read_field(const char *field, char *ret_text, size_t size)
{
	if (strlen(field) >= size)
		return -1;
	(void)strcpy(ret_text, strcmp(field, "-") == 0 ? "" : field);
	return 0;
}

static int read_event(const char *field, enum journal_event *ret_event)
{
	for (size_t i = 0; i < ARRAY_SIZE(event_names); i++)
		if (strcmp(field, event_names[i]) == 0) {
			*ret_event = (enum journal_event)i;
			return 0;
		}
	return -1;
}

static int read_number(const char *field, uint64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(field, &end, 10);
	return *field < '0' || *field > '9' || (*end && *end != '\n') || errno ? -1 : 0;
}

/* Reads one line without its line break; -1 where it is not whole. Cuts TEXT up. */
static int parse_line(char *text, struct journal_line *ret_line)
{
	struct journal_line line = {0};
	char *fields[FIELDS], sum[CHECKSUM_TEXT_SIZE];
	char *last = strrchr(text, '\t');
	size_t count = 0;

	if (!last)
		return -1;
	checksum_text(text, (size_t)(last - text), sum);
	while (text && count < FIELDS)
		fields[count++] = strsep(&text, "\t");
	if (count != FIELDS || text || strcmp(fields[8], sum) != 0 || read_number(fields[0], &line.number) < 0 ||
		line.number == 0 || clock_parse(fields[1], &line.at_s, NULL) < 0 ||
		read_field(fields[2], line.boot_id, sizeof(line.boot_id)) < 0 ||
		read_event(fields[3], &line.event) < 0 ||
		read_field(fields[4], line.package, sizeof(line.package)) < 0 ||
		read_field(fields[5], line.folder, sizeof(line.folder)) < 0 ||
		read_field(fields[6], line.former, sizeof(line.former)) < 0 ||
		read_field(fields[7], line.reason, sizeof(line.reason)) < 0)
		return -1;
	*ret_line = line;
	return 0;
}

static int put_field(struct buf *text, const char *field, struct error *err)
{
	char clean[LINE_MAX_BYTES];

	text_printable(field, clean, sizeof(clean));
	return buf_printf(text, err, "\t%s", *clean ? clean : "-");
}

static int put_line(struct buf *text, const struct journal_line *line, struct error *err)
{
	char at[CLOCK_TEXT_SIZE], sum[CHECKSUM_TEXT_SIZE];
	size_t begin = text->len;

	if (buf_printf(text, err, "%" PRIu64 "\t%s", line->number, clock_text(line->at_s, at)) < 0 ||
		put_field(text, line->boot_id, err) < 0 ||
		put_field(text, journal_event_name(line->event), err) < 0 ||
		put_field(text, line->package, err) < 0 || put_field(text, line->folder, err) < 0 ||
		put_field(text, line->former, err) < 0 || put_field(text, line->reason, err) < 0)
		return -1;
	checksum_text(text->data + begin, text->len - begin, sum);
	return buf_printf(text, err, "\t%s\n", sum);
}

/* The whole file; the number up to which lines were forgotten stands in its first line. An absent one is empty. */
static int read_journal(
	struct fs *fs, int boot_dir_fd, struct buf *ret_text, uint64_t *ret_forgotten, struct error *err)
{
	struct error failed = {0};

	*ret_forgotten = 0;
	if (fs_read_file(fs, boot_dir_fd, JOURNAL_FILE, ret_text, &failed) < 0 && failed.code != ERROR_NOT_FOUND)
		return error_set(err, failed.code, "%s", failed.text);
	for (size_t i = 0; i < ret_text->len; i++) /* a cut may leave NUL bytes where a line was to be */
		if (!ret_text->data[i])
			ret_text->data[i] = '?';
	if (strncmp(buf_text(ret_text), FIRST_LINE, strlen(FIRST_LINE)) == 0)
		(void)read_number(ret_text->data + strlen(FIRST_LINE), ret_forgotten);
	return 0;
}

/* The next whole line at *TEXT, which moves on; -1 at the end. */
static int next_line(char **text, struct journal_line *ret_line)
{
	while (*text && **text) {
		char *line =
			strsep(text, "\n"); /* the last may lack its line break; its checksum tells if it is whole */

		if (parse_line(line, ret_line) == 0)
			return 0;
	}
	return -1;
}

/* The highest number used; *RET_TOLD[i], where RET_TOLD is not NULL, if that of LINES[i] is one of those. Cuts TEXT
 * up. */
static uint64_t highest_number(
	struct buf *text, uint64_t forgotten, const struct journal_line *lines, size_t count, bool *ret_told)
{
	struct journal_line line;
	uint64_t highest = forgotten;

	for (size_t i = 0; i < count; i++)
		ret_told[i] = lines[i].number && lines[i].number <= forgotten;
	for (char *rest = text->data; next_line(&rest, &line) == 0;) {
		highest = line.number > highest ? line.number : highest;
		for (size_t i = 0; i < count; i++)
			ret_told[i] |= line.number == lines[i].number;
	}
	return highest;
}

int journal_last_number(struct fs *fs, int boot_dir_fd, uint64_t *ret_number, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(JOURNAL_MAX_BYTES);
	uint64_t forgotten;

	if (read_journal(fs, boot_dir_fd, &text, &forgotten, err) < 0)
		return -1;
	*ret_number = highest_number(&text, forgotten, NULL, 0, NULL);
	return 0;
}

/* Those not told yet, each with its number. */
static int put_lines(struct buf *text, struct journal_line *lines, size_t count, const bool *told, uint64_t highest,
	struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (told[i])
			continue;
		lines[i].number = lines[i].number ? lines[i].number : ++highest;
		if (put_line(text, &lines[i], err) < 0)
			return -1;
	}
	return 0;
}

int journal_append_all(struct fs *fs, int boot_dir_fd, struct journal_line *lines, size_t count, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(JOURNAL_MAX_BYTES);
	AUTO(buf) struct buf added = BUF_INIT(JOURNAL_MAX_BYTES);
	AUTO(free) bool *told = calloc(count ? count : 1, sizeof(*told));
	uint64_t forgotten, highest;
	size_t begin;
	bool is_new;

	if (!told)
		return error_set(err, ERROR_FAILED, "no memory for the journal");
	if (read_journal(fs, boot_dir_fd, &text, &forgotten, err) < 0)
		return -1;
	/* The next line must not grow together with what a cut left of the last one. */
	if (text.len == 0 ? buf_printf(&added, err, FIRST_LINE "0\n") < 0
			  : text.data[text.len - 1] != '\n' && buf_append(&added, "\n", 1, err) < 0)
		return -1;
	begin = added.len;
	is_new = text.len == 0;
	highest = highest_number(&text, forgotten, lines, count, told);
	if (put_lines(&added, lines, count, told, highest, err) < 0)
		return -1;
	if (added.len == begin)
		return 0;
	if (is_new)
		return fs_write_file(fs, boot_dir_fd, JOURNAL_FILE, added.data, added.len, 0644, err);
	return fs_append_file(fs, boot_dir_fd, JOURNAL_FILE, added.data, added.len, 0644, err);
}

int journal_append(struct fs *fs, int boot_dir_fd, struct journal_line *line, struct error *err)
{
	return journal_append_all(fs, boot_dir_fd, line, 1, err);
}

int journal_read(struct fs *fs, int boot_dir_fd,
	int (*each)(void *context, const struct journal_line *line, struct error *err), void *context,
	struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(JOURNAL_MAX_BYTES);
	struct journal_line line;
	uint64_t forgotten;

	if (read_journal(fs, boot_dir_fd, &text, &forgotten, err) < 0)
		return -1;
	for (char *rest = text.data; next_line(&rest, &line) == 0;)
		if (each(context, &line, err) < 0)
			return -1;
	return 0;
}

int journal_forget(struct fs *fs, int boot_dir_fd, uint64_t number, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(JOURNAL_MAX_BYTES);
	AUTO(buf) struct buf kept = BUF_INIT(JOURNAL_MAX_BYTES), lines = BUF_INIT(JOURNAL_MAX_BYTES);
	struct journal_line line;
	uint64_t forgotten;
	bool any = false;

	if (read_journal(fs, boot_dir_fd, &text, &forgotten, err) < 0)
		return -1;
	for (char *rest = text.data; next_line(&rest, &line) == 0;) {
		if (line.number > number) {
			if (put_line(&lines, &line, err) < 0)
				return -1;
			continue;
		}
		forgotten = line.number > forgotten ? line.number : forgotten;
		any = true;
	}
	if (!any)
		return 0;
	if (buf_printf(&kept, err, FIRST_LINE "%" PRIu64 "\n%s", forgotten, buf_text(&lines)) < 0)
		return -1;
	return fs_write_file(fs, boot_dir_fd, JOURNAL_FILE, kept.data, kept.len, 0644, err);
}
