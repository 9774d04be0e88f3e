/* Windows: the hours in which delivery may run, as people write them. docs/scheduling.md has the grammar.
 *
 *     20:00-05:00                             every night
 *     mon-fri,20:00-05:00,,sat,sun,00:00-24:00
 *
 * A window belongs to the date on which it begins, also where it goes past midnight. */
#ifndef SCHEDULER_WINDOW_H
#define SCHEDULER_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"
#include "manifests/catalog/night_date.h"

#define WINDOW_LIST_MAX 32

struct window {
	unsigned weekdays; /* bit 0 is Sunday, bit 6 Saturday: the dates on which it begins */
	int opens_min;	   /* minutes after 00:00 of its date, 0 to 1439 */
	int closes_min;	   /* above opens_min, at most opens_min + 1440; above 1440 it is on the next date */
};

struct window_list {
	struct window windows[WINDOW_LIST_MAX];
	size_t count;
};

/* ERROR_INPUT names the part that is wrong; RET_LIST is then left alone. */
WARN_UNUSED int window_list_parse(const char *text, struct window_list *ret_list, struct error *err);

/* True if WINDOW begins on DATE. */
bool window_begins_on(const struct window *window, const struct night_date *date);

/* The weekday of a date: 0 is Sunday. */
int window_weekday(const struct night_date *date);

#endif
