#include "tools/haishin/draw/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/csv/csv.h"
#include "common/text.h"

#define UTC_LENGTH 20 /* 2026-01-10T20:00:00Z */
#define GAP 2

struct row {
	char *cells[OUTPUT_COLUMNS_MAX];
	bool is_note; /* its first cell stands alone */
};

struct table {
	size_t columns;
	struct row *rows;
	size_t count;
};

struct table *table_new(size_t columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		abort();
	table->columns = columns;
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->count; i++)
		for (size_t c = 0; c < table->columns; c++)
			free(table->rows[i].cells[c]);
	free(table->rows);
	free(table);
}

static struct row *add_row(struct table *table)
{
	struct row *rows = reallocarray(table->rows, table->count + 1, sizeof(*rows));

	if (!rows)
		abort();
	table->rows = rows;
	rows[table->count] = (struct row){0};
	return &rows[table->count++];
}

static char *printable_copy(const char *text)
{
	char cell[OUTPUT_CELL_SIZE], *copy;

	text_printable(text ? text : "", cell, sizeof(cell));
	if (!(copy = strdup(cell)))
		abort();
	return copy;
}

void table_add(struct table *table, const char *const *cells)
{
	struct row *row = add_row(table);

	for (size_t c = 0; c < table->columns; c++)
		row->cells[c] = printable_copy(cells[c]);
}

void table_add_note(struct table *table, const char *text)
{
	struct row *row = add_row(table);

	row->cells[0] = printable_copy(text);
	row->is_note = true;
}

static void find_widths(const struct table *table, int *widths)
{
	for (size_t i = 0; i < table->count; i++)
		for (size_t c = 0; c < table->columns && !table->rows[i].is_note; c++) {
			int width = text_columns(table->rows[i].cells[c]);

			widths[c] = width > widths[c] ? width : widths[c];
		}
}

/* No blanks at the end of a line. */
static void print_row(const struct row *row, size_t columns, const int *widths)
{
	int blanks = GAP;

	for (size_t c = 0; c < columns; c++) {
		const char *cell = row->cells[c];

		if (*cell)
			(void)printf("%*s%s", blanks, "", cell);
		blanks = (*cell ? 0 : blanks) + widths[c] - (*cell ? text_columns(cell) : 0) + GAP;
	}
	(void)putchar('\n');
}

static void print_note(const char *text)
{
	(void)printf("%*s%s\n", 3 * GAP, "", text);
}

/* Columns of the terminal that stand before the last cell. */
static int width_before_last(const struct table *table, const int *widths)
{
	int width = GAP;

	for (size_t c = 0; c + 1 < table->columns; c++)
		width += widths[c] + GAP;
	return width;
}

void table_print(const struct table *table, bool may_break)
{
	int widths[OUTPUT_COLUMNS_MAX] = {0};
	size_t last = table->columns - 1;
	int before;

	find_widths(table, widths);
	before = width_before_last(table, widths);
	for (size_t i = 0; i < table->count; i++) {
		const struct row *row = &table->rows[i];

		if (row->is_note) {
			print_note(row->cells[0]);
		} else if (may_break && before + text_columns(row->cells[last]) > OUTPUT_WIDTH) {
			print_row(row, last, widths);
			print_note(row->cells[last]);
		} else {
			print_row(row, table->columns, widths);
		}
	}
}

void output_set_zone(const char *zone_name)
{
	if (zone_name && *zone_name)
		(void)setenv("TZ", zone_name, 1);
	tzset();
}

const char *output_time(const char *utc_text, char ret_text[static OUTPUT_TIME_SIZE])
{
	int64_t utc_s;
	struct tm wall;
	time_t moment;

	(void)strcpy(ret_text, "-");
	if (!utc_text || clock_parse(utc_text, &utc_s, NULL) < 0)
		return ret_text;
	moment = (time_t)utc_s;
	if (localtime_r(&moment, &wall))
		(void)strftime(ret_text, OUTPUT_TIME_SIZE, "%Y-%m-%d %H:%M", &wall);
	return ret_text;
}

bool output_last_day(const char *utc_text, struct output_day *ret_day)
{
	int64_t utc_s;
	struct tm wall;
	time_t moment;

	if (!utc_text || clock_parse(utc_text, &utc_s, NULL) < 0)
		return false;
	moment = (time_t)utc_s;
	if (!localtime_r(&moment, &wall) || wall.tm_hour || wall.tm_min || wall.tm_sec)
		return false;
	moment--;
	if (!localtime_r(&moment, &wall))
		return false;
	*ret_day = (struct output_day){wall.tm_year + 1900, wall.tm_mon + 1, wall.tm_mday};
	return true;
}

/* A moment at the beginning of TEXT; "" where there is none. */
static void take_moment(const char *text, char ret_utc[static CLOCK_TEXT_SIZE])
{
	int64_t time_s;

	(void)snprintf(ret_utc, CLOCK_TEXT_SIZE, "%.*s", UTC_LENGTH, text);
	if (clock_parse(ret_utc, &time_s, NULL) < 0)
		*ret_utc = '\0';
}

const char *output_times(const char *text, char *ret_text, size_t size)
{
	char utc[CLOCK_TEXT_SIZE], wall[OUTPUT_TIME_SIZE];
	size_t len = 0;

	ret_text[0] = '\0';
	while (*text && len + OUTPUT_TIME_SIZE < size) {
		take_moment(text, utc);
		len += (size_t)snprintf(ret_text + len, size - len, "%.*s", *utc ? OUTPUT_TIME_SIZE : 1,
			*utc ? output_time(utc, wall) : text);
		text += *utc ? UTC_LENGTH : 1;
	}
	return ret_text;
}

const char *output_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

int64_t output_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

void output_line(const char *fmt, ...)
{
	char line[2048], printable[2048];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	text_printable(line, printable, sizeof(printable));
	(void)puts(printable);
}

void output_json(const json_t *object, int exit_status)
{
	AUTO(json) json_t *whole = JSON_OBJECT({json_number("exit", exit_status)});

	if (json_is_object(object))
		(void)json_object_update_missing(whole, (json_t *)object);
	(void)json_dumpf(whole, stdout, JSON_INDENT(2));
	(void)putchar('\n');
}

void output_csv_field(const char *text)
{
	AUTO(buf) struct buf field = BUF_INIT(2 * strlen(text) + sizeof("'\"\""));

	if (csv_write_field(&field, text, NULL) == 0)
		(void)fputs(buf_text(&field), stdout);
}
