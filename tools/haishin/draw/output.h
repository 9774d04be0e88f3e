/* What people read: lines, tables whose columns line up with full-width characters, times as the wall shows them. */
#ifndef TOOLS_HAISHIN_DRAW_OUTPUT_H
#define TOOLS_HAISHIN_DRAW_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/json.h"

#define OUTPUT_COLUMNS_MAX 8
#define OUTPUT_CELL_SIZE 320
#define OUTPUT_WIDTH 80
#define OUTPUT_TIME_SIZE 32

/* A table, kept until it is printed, since its columns are as wide as their widest cell. */
struct table;
struct table *table_new(size_t columns);
void table_free(struct table *table);
DEFINE_AUTO_PTR(table, struct table, table_free);

/* Adds one row of as many texts as there are columns; NULL stands for "". What could act on a terminal becomes '?'.
 */
void table_add(struct table *table, const char *const *cells);
/* Adds a line of its own below the row, such as a detail; it moves no column. */
void table_add_note(struct table *table, const char *text);
/* Prints it, each line with two blanks in front. Where a row is wider than OUTPUT_WIDTH, its last cell stands in a line of its own if
 * it may. */
void table_print(const struct table *table, bool may_break);

/* Times are printed as the wall shows them in this zone, such as "Asia/Tokyo". NULL: the machine's own. */
void output_set_zone(const char *zone_name);
/* "2026-01-10T20:00:00Z" as "2026-01-11 05:00"; "-" for NULL and for what is no time. */
const char *output_time(const char *utc_text, char ret_text[static OUTPUT_TIME_SIZE]);

/* The day before the midnight that UTC_TEXT is. False where it is no midnight on the wall. */
struct output_day {
	int year, month, day; /* 2026, 1 to 12, 1 to 31 */
};
bool output_last_day(const char *utc_text, struct output_day *ret_day);

/* TEXT with each moment in it that is written in UTC as the wall shows it. */
const char *output_times(const char *text, char *ret_text, size_t size);

/* The text of a member, "" where it is missing or null. */
const char *output_text(const json_t *object, const char *key);
int64_t output_number(const json_t *object, const char *key);
/* Prints TEXT as a field of comma-separated values, as spreadsheets are to have it (common/csv/csv.h). */
void output_csv_field(const char *text);

/* Prints one line in which nothing acts on a terminal. */
void output_line(const char *fmt, ...) __attribute__((__format__(__printf__, 1, 2)));

/* Prints a value as JSON; the member "exit" is EXIT_STATUS. */
void output_json(const json_t *object, int exit_status);

#endif
