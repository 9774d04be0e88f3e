/* A current release whose files are damaged comes once more, where nothing newer does. */
#ifndef AGENT_CHOICE_WANTED_REPAIR_H
#define AGENT_CHOICE_WANTED_REPAIR_H

#include "agent/choice/wanted.h"
#include "rollback/plan.h"

/* Offers WANTED its current release, into the folder beside it, where its files were found damaged and no other release is on its way.
 * What keeps a newer one out (hold, share, campaign, requirements) does not keep this one out: it changes no version. A list of
 * files that is missing or was changed is brought back first. Where the server cannot help, that is noted, and is no error. */
WARN_UNUSED int wanted_choose_repair(
	struct distribution *distribution, const struct plan *plan, struct wanted *wanted, struct error *err);

#endif
