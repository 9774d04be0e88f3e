/* When a terminal should act in a window of its own, campaigns considered: at its moment in the part of the window
 * that a campaign leaves to a package, and at its moment in the whole window where a package is delivered in all of
 * it, or none is and only the server is asked what is new. So no campaign's opening is met by all terminals at once,
 * and no terminal comes only when the campaign's hours are over. */
#ifndef SCHEDULER_TURN_H
#define SCHEDULER_TURN_H

#include <stddef.h>
#include <stdint.h>

#include "scheduler/schedule.h"
#include "scheduler/slot.h"

/* The first such moment after AFTER_S, which is when the terminal last finished its work in this window (0: not yet);
 * SCHEDULE_NEVER where none is left in it. FACTS tells the window, as schedule_ask gave it for the whole terminal. */
int64_t turn_next_s(const struct schedule_rules *rules, const char *const *packages, size_t packages_count,
	const struct slot_facts *facts, int64_t after_s);

#endif
