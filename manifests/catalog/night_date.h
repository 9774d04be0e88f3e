/* Dates of nights, as campaigns name them and windows begin on them. */
#ifndef MANIFESTS_CATALOG_NIGHT_DATE_H
#define MANIFESTS_CATALOG_NIGHT_DATE_H

#include <stdint.h>

#include "common/error.h"

#define NIGHT_DATE_TEXT_SIZE 11

/* A date in the terminal's time zone; a night belongs to the date it begins on (F2). */
struct night_date {
	int year;  /* 1970 to 9999 */
	int month; /* 1 to 12 */
	int day;   /* 1 to 31 */
};

/* As "2026-01-10". */
const char *night_date_text(const struct night_date *date, char ret_text[static NIGHT_DATE_TEXT_SIZE]);
/* And back. ERROR_INPUT where TEXT is not written so, or there is no such day. */
WARN_UNUSED int night_date_parse(const char *text, struct night_date *ret_date, struct error *err);

/* As people write a day: 2026-01-10, 2026/1/10, 2026年1月10日, 令和8年1月10日; and without a year, such as 1月10日 or 1/10: the next such
 * day, or the last one, as seen from TODAY, which is one itself. What is full-width counts as if it were not. ERROR_INPUT. */
enum night_date_side { NIGHT_DATE_NEXT, NIGHT_DATE_LAST };
WARN_UNUSED int night_date_parse_said(const char *text, const struct night_date *today, enum night_date_side side,
	struct night_date *ret_date, struct error *err);

/* Below 0 where A is earlier than B, 0 where they are the same, above 0 where it is later. */
int night_date_compare(const struct night_date *a, const struct night_date *b);

/* Days since 1970-01-01 and back. */
int64_t night_date_days(const struct night_date *date);
void night_date_of_days(int64_t days, struct night_date *ret_date);

#endif
