#include "tools/repo/commands/release/delta_counts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "common/auto.h"
#include "common/buf.h"

#define BYTES_MOST (1u << 20)
#define TERMINALS_MOST 1000000000u
#define COLUMNS_MOST 16
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* Which column is which; package is COLUMNS_MOST where the file is about one package only. */
struct columns {
	size_t package;
	size_t version;
	size_t terminals;
};

struct reader {
	const char *path;
	const char *package;
	struct columns columns;
	size_t line;
	struct delta_counts *counts;
};

/* Cuts a line at its commas, and takes the quotes off fields that are within such; returns how many there are. */
static size_t cut(char *line, char *fields[static COLUMNS_MOST])
{
	size_t count = 0;
	char *field;

	while (count < COLUMNS_MOST && (field = strsep(&line, ","))) {
		size_t len = strlen(field);

		if (len >= 2 && field[0] == '"' && field[len - 1] == '"') {
			field[len - 1] = '\0';
			field++;
		}
		fields[count++] = field;
	}
	return count;
}

static size_t find(char *const fields[static COLUMNS_MOST], size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i], name) == 0)
			return i;
	return COLUMNS_MOST;
}

/* Whether this is the line with the names of the columns; then they are taken. */
static bool take_names(struct reader *reader, char *const fields[static COLUMNS_MOST], size_t count)
{
	struct columns columns = {
		.package = find(fields, count, "package"),
		.version = find(fields, count, "version"),
		.terminals = find(fields, count, "terminals"),
	};

	if (columns.version == COLUMNS_MOST || columns.terminals == COLUMNS_MOST)
		return false;
	reader->columns = columns;
	return true;
}

static int wrong_line(const struct reader *reader, struct error *err)
{
	return error_set(err, ERROR_INPUT,
		"line %zu of '%s' is not \"VERSION,TERMINALS\", such as \"5.0.2,1200\", nor a row of the collector's "
		"releases as CSV",
		reader->line, reader->path);
}

static int add(struct reader *reader, const char *version, const char *terminals, struct error *err)
{
	struct delta_counts *counts = reader->counts;
	struct delta_count *count = &counts->all[counts->count];
	struct error ignored;
	char *end;

	if (counts->count == DELTA_COUNTS_MOST)
		return error_set(err, ERROR_INPUT, "'%s' has more than %u versions", reader->path, DELTA_COUNTS_MOST);
	if (version_check(version, &ignored) < 0 || *terminals < '0' || *terminals > '9')
		return wrong_line(reader, err);
	*count = (struct delta_count){0};
	memcpy(count->version, version, strlen(version) + 1);
	errno = 0;
	count->terminals = strtoull(terminals, &end, 10);
	if (errno || *end || count->terminals > TERMINALS_MOST)
		return wrong_line(reader, err);
	for (size_t i = 0; i < counts->count; i++)
		if (version_compare(counts->all[i].version, version) == 0)
			return error_set(err, ERROR_INPUT, "line %zu of '%s' names version %s a second time",
				reader->line, reader->path, version);
	counts->count++;
	return 0;
}

static int read_line(struct reader *reader, char *line, struct error *err)
{
	const struct columns *columns = &reader->columns;
	char *fields[COLUMNS_MOST];
	size_t count = cut(line, fields);

	if (reader->line == 1 && take_names(reader, fields, count))
		return 0;
	if (columns->version >= count || columns->terminals >= count)
		return wrong_line(reader, err);
	if (columns->package < count && strcmp(fields[columns->package], reader->package) != 0)
		return 0;
	return add(reader, fields[columns->version], fields[columns->terminals], err);
}

int delta_counts_read(
	struct fs *fs, const char *path, const char *package, struct delta_counts *ret_counts, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(BYTES_MOST);
	struct reader reader = {.path = path,
		.package = package,
		.columns = {.package = COLUMNS_MOST, .version = 0, .terminals = 1},
		.counts = ret_counts};
	char *rest, *line;

	ret_counts->count = 0;
	if (fs_read_given(fs, path, &text, err) < 0)
		return -1;
	rest = text.data;
	if (rest && strncmp(rest, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		rest += strlen(BYTE_ORDER_MARK);
	while ((line = strsep(&rest, "\n"))) {
		reader.line++;
		line[strcspn(line, "\r")] = '\0';
		if (*line && read_line(&reader, line, err) < 0)
			return -1;
	}
	return 0;
}
