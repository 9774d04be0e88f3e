/* What a terminal should get, package by package: every gate in turn. */
#ifndef AGENT_CHOICE_WANTED_CHOOSE_H
#define AGENT_CHOICE_WANTED_CHOOSE_H

#include "agent/choice/candidates.h"
#include "agent/choice/wanted.h"

/* Goes through the packages that this terminal runs, by priority, and decides; the catalog names what candidates_name() put there.
 * ANY_HOUR passes over campaigns' hours,
 * as the button does. A package whose release cannot be had does not keep the others from theirs; -1 only where
 * nothing can be decided at all. */
WARN_UNUSED int wanted_choose(struct distribution *distribution, const struct candidates *candidates, bool any_hour,
	struct wanted_list *ret_list, struct error *err);

#endif
