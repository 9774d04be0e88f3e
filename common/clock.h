/* The only place that asks what time it is, and which start of the machine this is. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

#include "common/error.h"

#define BOOT_ID_SIZE 64

struct clock {
	/* Seconds since 1970 in UTC, as the machine believes. */
	int64_t (*now_s)(const struct clock *clock);
	/* Milliseconds that no time change moves; counts while the machine sleeps; begins anew with each boot. */
	int64_t (*monotonic_ms)(const struct clock *clock);
	/* How long of that the machine slept; NULL: it never does. */
	int64_t (*slept_ms)(const struct clock *clock);
	/* A text that is new with every start of the machine. */
	int (*boot_id)(const struct clock *clock, char ret_id[static BOOT_ID_SIZE], struct error *err);
	/* Waits on the clock that no time change moves. May end early when a signal was handled. */
	void (*wait_ms)(const struct clock *clock, int64_t wait_ms);
	void *context;
};

/* The machine's own clock. BOOT_ID_FILE holds the boot identity: /proc/sys/kernel/random/boot_id, or a file that
 * stands in for it below a private root. It is borrowed. */
void clock_init(struct clock *clock, const char *boot_id_file);

/* Seconds as "2026-01-10T20:00:00Z". Valid for the years 0 to 9999; other times give "(no date)". */
#define CLOCK_TEXT_SIZE 24
const char *clock_text(int64_t time_s, char ret_text[static CLOCK_TEXT_SIZE]);

/* Reads that form, and no other: no impossible date, no trailing text. ERROR_INPUT otherwise. */
WARN_UNUSED int clock_parse(const char *text, int64_t *ret_time_s, struct error *err);

#endif
