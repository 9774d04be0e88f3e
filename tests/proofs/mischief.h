/* Vendors' programs that misbehave and end well all the same: they fork, detach, flood, trap signals, eat memory, fill disks, open
 * sockets, leave hostile files in their data, and try what tests/rollback/hostile.c tries. Which of it is done stands in the data of each package, where only its own
 * programs find it. */
#ifndef TESTS_PROOFS_MISCHIEF_H
#define TESTS_PROOFS_MISCHIEF_H

#include "common/error.h"
#include "tests/agent/world.h"
#include "tests/proofs/chance.h"

/* What programs of packages begin with. */
extern const char mischief_line[];

/* From now on each package's programs do something of their own choice. */
void mischief_choose(struct world *world, struct chance *chance);
/* They have left nothing behind, and touched nothing of another package. */
WARN_UNUSED int mischief_check(struct world *world, struct error *err);

#endif
