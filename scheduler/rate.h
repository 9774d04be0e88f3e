/* How fast delivery may be at which moment: within the terminal's window, outside it, and at hours with a limit of their
 * own. Speeds are in bytes each second; 0 is no limit. */
#ifndef SCHEDULER_RATE_H
#define SCHEDULER_RATE_H

#include <stddef.h>
#include <stdint.h>

#include "scheduler/window.h"
#include "scheduler/zone.h"

/* A slower transfer could not be told from one that has stalled. */
#define RATE_LEAST 4096
#define RATE_HOURS_MAX 8

/* Hours with a limit of their own. */
struct rate_hours {
	struct window_list windows;
	int64_t bytes_per_s;
};

struct rate_hours_list {
	struct rate_hours items[RATE_HOURS_MAX];
	size_t count;
};

/* Reads "mon-fri,08:00-12:00=64K 12:00-13:00=1M": windows as window_list_parse takes them, without blanks, and a speed;
 * "" for none. ERROR_INPUT names the part that is wrong; RET_LIST is then left alone. */
WARN_UNUSED int rate_hours_parse(const char *text, struct rate_hours_list *ret_list, struct error *err);

struct rate_rules {
	const struct zone *zone; /* borrowed, as all below */
	const struct window_list *windows;
	int64_t inside;			     /* the windows */
	int64_t outside;		     /* them: a press of the button */
	const struct rate_hours_list *hours; /* go before both; of several that hold, the first */
};

/* The limit that holds at NOW_S. */
int64_t rate_at(const struct rate_rules *rules, int64_t now_s);

#endif
