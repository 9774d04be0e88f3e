/* Finds the shift map between two programs: every field that stands opposite one of its kind tells where something has
 * moved, and the map follows the most of them with the fewest entries. */
#ifndef UPDATER_ATTEMPT_SHIFT_VOTE_H
#define UPDATER_ATTEMPT_SHIFT_VOTE_H

#include "common/error.h"
#include "updater/rewrite/shifts.h"
#include "updater/attempt/marks.h"
#include "updater/attempt/steps.h"

/* The map between the programs whose fields these are, where STEPS say which bytes stand opposite each other. */
WARN_UNUSED int shift_vote(const struct marks *old, const struct marks *new, const struct steps *steps,
	struct shifts *ret_shifts, struct error *err);

#endif
