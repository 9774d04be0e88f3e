/* What stands where a link to a release belongs, such as a folder that a copy or a restore without links has left: it keeps
 * releases from becoming current. Inside rollback/ only. */
#ifndef ROLLBACK_LINKS_H
#define ROLLBACK_LINKS_H

#include "rollback/run.h"

/* True if any package has such a thing. Changes nothing. */
bool links_are_odd(const struct env *env, const struct guard_options *options);

/* Sets each aside, as NAME.aside-1 or the next number that is free beside it, and tells it in the journal. Where it was current,
 * the newest release that is complete and does not wait for a restart becomes current. What goes wrong with one package is
 * remembered, and keeps nothing from the others. */
void links_mend(struct run *run);

#endif
