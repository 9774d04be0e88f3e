/* When the agent was there: stretches of time, noted every few minutes while a window is open, so that it can be told
 * later how much of a window the terminal was on. What is noted survives a power cut. */
#ifndef AGENT_STORE_PRESENCE_H
#define AGENT_STORE_PRESENCE_H

#include "agent/store/record.h"

/* In an open window the agent notes so often that it is there. */
#define PRESENCE_PAUSE_S 600
/* Stretches with less than this between them count as one: the start of the machine, an update of the agent. */
#define PRESENCE_GAP_S 600

/* Where the resident part is in its stretch. Zeroed at its start. */
struct presence {
	int64_t from_s; /* when the stretch began; 0: none yet */
	int64_t noted_s;
	int64_t noted_ms; /* the same on the clock that no time change moves */
};

/* Notes that the agent is there now. A new stretch begins with the process, where the clock was set, and where so
 * much time has passed since the last note that the machine must have slept. */
WARN_UNUSED int presence_note(struct store *store, struct presence *presence, struct error *err);

/* How much of the time from FROM_S to TO_S the agent was there. */
struct presence_share {
	int64_t on_s;
	int64_t on_for_s;  /* until how long after FROM_S, without a gap; 0: it was not there at FROM_S */
	bool left_running; /* it was there at no time, and the machine was in the same start before and after */
};
WARN_UNUSED int presence_share(
	struct store *store, int64_t from_s, int64_t to_s, struct presence_share *ret_share, struct error *err);

/* Forgets the stretches that ended before TIME_S. */
WARN_UNUSED int presence_forget(struct store *store, int64_t time_s, struct error *err);
/* Forgets those that began after TIME_S: the clock was ahead when they were noted. */
WARN_UNUSED int presence_forget_after(struct store *store, int64_t time_s, struct error *err);

#endif
