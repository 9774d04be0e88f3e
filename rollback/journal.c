#include "rollback/journal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/number.h"
#include "common/text.h"
#include "rollback/checksum.h"

#define JOURNAL_FILE "journal"
#define FIRST_LINE "haishin-journal 1 forgotten "
#define JOURNAL_MAX_BYTES (4u << 20)
#define LINE_MAX_BYTES 1024
#define FIELDS                                                                                                       \
	8 /* number, time, boot, event, package, folder, former, reason; tabs between them, a checksum behind */

static const char *const event_names[] = {
	[JOURNAL_ACTIVATED] = "activated",
	[JOURNAL_ROLLED_BACK] = "rolled-back",
	[JOURNAL_DROPPED] = "dropped",
	[JOURNAL_REPAIRED] = "repaired",
	[JOURNAL_PLAN_LOST] = "plan-lost",
	[JOURNAL_KEPT] = "kept",
	[JOURNAL_PUT_BACK] = "put-back",
	[JOURNAL_PUT_OFF] = "put-off",
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

/* A line without its line break and checksum; -1 where it is none of ours. Cuts TEXT up. */
static int parse_line(uint64_t number, char *text, struct journal_line *ret_line)
{
	struct journal_line line = {.number = number};
	char *fields[FIELDS];
	size_t count = 0;

	while (text && count < FIELDS)
		fields[count++] = strsep(&text, "\t");
	if (count != FIELDS || text || clock_parse(fields[1], &line.at_s, NULL) < 0 ||
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

/* What is no file at all, or grew beyond all that is ever written to it, is set aside, and holds the journal up no longer. */
static int read_file(struct fs *fs, int boot_dir_fd, struct buf *ret_text, struct error *err)
{
	struct error failed = {0};

	if (fs_read_file(fs, boot_dir_fd, JOURNAL_FILE, ret_text, &failed) == 0 || failed.code == ERROR_NOT_FOUND)
		return 0;
	if (failed.code == ERROR_DAMAGED || failed.code == ERROR_REFUSED) {
		buf_clear(ret_text);
		return plan_set_file_aside(fs, boot_dir_fd, JOURNAL_FILE, err);
	}
	return error_set(err, failed.code, "%s", failed.text);
}

/* The whole file; the number up to which lines were forgotten stands in its first line. An absent one is empty. */
static int read_journal(
	struct fs *fs, int boot_dir_fd, struct buf *ret_text, uint64_t *ret_forgotten, struct error *err)
{
	*ret_forgotten = 0;
	if (read_file(fs, boot_dir_fd, ret_text, err) < 0)
		return -1;
	for (size_t i = 0; i < ret_text->len; i++) /* a cut may leave NUL bytes where a line was to be */
		if (!ret_text->data[i])
			ret_text->data[i] = '?';
	if (strncmp(buf_text(ret_text), FIRST_LINE, strlen(FIRST_LINE)) == 0)
		(void)number_scan(ret_text->data + strlen(FIRST_LINE), ret_forgotten);
	return 0;
}

/* The next whole line at *REST, which moves on; NULL at the end. The last may lack its line break: its checksum tells if
 * it is whole. That checksum stands behind the NUL which ends the line. */
static char *next_line(char **rest, uint64_t *ret_number)
{
	while (*rest && **rest) {
		char *line = strsep(rest, "\n");
		char expected[CHECKSUM_TEXT_SIZE], *sum = strrchr(line, '\t');
		const char *end;

		if (!sum)
			continue;
		*sum++ = '\0';
		checksum_text(line, strlen(line), expected);
		end = number_scan(line, ret_number);
		if (strcmp(sum, expected) == 0 && end && *end == '\t' && *ret_number)
			return line;
	}
	return NULL;
}

/* The highest number used; *RET_TOLD[i], where RET_TOLD is not NULL, if that of LINES[i] is one of those. Cuts TEXT
 * up. */
static uint64_t highest_number(
	struct buf *text, uint64_t forgotten, const struct journal_line *lines, size_t count, bool *ret_told)
{
	uint64_t number, highest = forgotten;

	for (size_t i = 0; i < count; i++)
		ret_told[i] = lines[i].number && lines[i].number <= forgotten;
	for (char *rest = text->data; next_line(&rest, &number);) {
		highest = number > highest ? number : highest;
		for (size_t i = 0; i < count; i++)
			ret_told[i] |= number == lines[i].number;
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

int journal_append(struct fs *fs, int boot_dir_fd, struct journal_line *lines, size_t count, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(JOURNAL_MAX_BYTES);
	AUTO(buf) struct buf added = BUF_INIT(JOURNAL_MAX_BYTES);
	AUTO(free) bool *told = calloc(count, sizeof(*told));
	uint64_t forgotten, highest;
	size_t begin;

	if (!told)
		return error_set(err, ERROR_FAILED, "no memory for the journal");
	if (read_journal(fs, boot_dir_fd, &text, &forgotten, err) < 0)
		return -1;
	/* The next line must not grow together with what a cut left of the last one. */
	if (text.len == 0 ? buf_printf(&added, err, FIRST_LINE "0\n") < 0
			  : text.data[text.len - 1] != '\n' && buf_append(&added, "\n", 1, err) < 0)
		return -1;
	begin = added.len;
	highest = highest_number(&text, forgotten, lines, count, told);
	for (size_t i = 0; i < count; i++) {
		lines[i].number = lines[i].number ? lines[i].number : ++highest;
		if (!told[i] && put_line(&added, &lines[i], err) < 0)
			return -1;
	}
	if (added.len == begin)
		return 0;
	return fs_append_file(fs, boot_dir_fd, JOURNAL_FILE, added.data, added.len, 0644, err);
}

int journal_read(struct fs *fs, int boot_dir_fd,
	int (*each)(void *context, const struct journal_line *line, struct error *err), void *context,
	struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(JOURNAL_MAX_BYTES);
	struct journal_line line;
	uint64_t forgotten, number;

	if (read_journal(fs, boot_dir_fd, &text, &forgotten, err) < 0)
		return -1;
	for (char *found, *rest = text.data; (found = next_line(&rest, &number));)
		if (parse_line(number, found, &line) == 0 && each(context, &line, err) < 0)
			return -1;
	return 0;
}

int journal_forget(struct fs *fs, int boot_dir_fd, uint64_t number, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(JOURNAL_MAX_BYTES);
	AUTO(buf) struct buf kept = BUF_INIT(JOURNAL_MAX_BYTES), lines = BUF_INIT(JOURNAL_MAX_BYTES);
	uint64_t forgotten, found;
	bool any = false;

	if (read_journal(fs, boot_dir_fd, &text, &forgotten, err) < 0)
		return -1;
	for (char *line, *rest = text.data; (line = next_line(&rest, &found));) {
		if (found > number) {
			if (buf_printf(&lines, err, "%s\t%s\n", line, line + strlen(line) + 1) < 0)
				return -1;
			continue;
		}
		forgotten = found > forgotten ? found : forgotten;
		any = true;
	}
	if (!any)
		return 0;
	if (buf_printf(&kept, err, FIRST_LINE "%" PRIu64 "\n%s", forgotten, buf_text(&lines)) < 0)
		return -1;
	return fs_write_file(fs, boot_dir_fd, JOURNAL_FILE, kept.data, kept.len, 0644, err);
}
