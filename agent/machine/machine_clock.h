/* Whether the clock can be believed. The clock that no time change moves tells how much time has passed since the last look, also
 * over a restart of the agent: what the clock on the wall shows beyond that, somebody has set. */
#ifndef AGENT_MACHINE_MACHINE_CLOCK_H
#define AGENT_MACHINE_MACHINE_CLOCK_H

#include "agent/config/config.h"
#include "agent/store/store.h"

/* The clock was set: by so many seconds, and what it would show if it had not been. */
struct machine_clock_jump {
	int64_t by_s; /* 0: it was not */
	int64_t unmoved_s;
};

/* Looks at the clock and notes it. FLOOR_S is the newest time that anything signed has vouched for; a clock that showed less
 * was wrong, and is put right by a jump. A jump is a row of the history. To be called in a transaction of the store. */
WARN_UNUSED int machine_clock_note(struct store *store, const struct clock *clock, int64_t floor_s,
	struct machine_clock_jump *ret_jump, struct error *err);

/* Something signed has just been verified that would not hold at a much later time: the clock is right. */
WARN_UNUSED int machine_clock_trust(struct store *store, struct error *err);

enum machine_clock_state {
	MACHINE_CLOCK_RIGHT,  /* as far as can be known */
	MACHINE_CLOCK_BEHIND, /* signed metadata has vouched for a later time */
	MACHINE_CLOCK_AHEAD,  /* it was set ahead by more than a day, and no contact has confirmed that since */
};
struct machine_clock {
	enum machine_clock_state state;
	char detail[256]; /* for support; "" where it is right */
	int64_t ahead_from_s; /* what it showed before it was set ahead; 0: it is not */
};
WARN_UNUSED int machine_clock_look(struct store *store, const struct clock *clock, int64_t floor_s,
	struct machine_clock *ret_clock, struct error *err);

#endif
