/* Which terminals are silent: those whose window has closed, long enough ago, without a report. A window in which
 * no collector was there to take one proves nothing: such a terminal is asked about its next window instead. */
#ifndef COLLECTOR_OVERSIGHT_SILENCE_H
#define COLLECTOR_OVERSIGHT_SILENCE_H

#include "collector/store/database.h"

/* Looks at the terminals whose windows closed by BEFORE_S, at most a thousand. *RET_MORE: there may be more. In one
 * transaction of its own. */
WARN_UNUSED int silence_judge(struct database *database, int64_t before_s, bool *ret_more, struct error *err);

/* Terminals whose window is farther away than any is are expected within the next day: the clock was ahead when they were looked at
 * or told of it. */
WARN_UNUSED int silence_bring_back(struct database *database, int64_t now_s, struct error *err);

/* ---- When collectors were there ---- */

/* A stretch of time; NAME is that of one run of one collector. */
WARN_UNUSED int attendance_note(
	struct database *database, const char *name, int64_t from_s, int64_t to_s, struct error *err);

#endif
