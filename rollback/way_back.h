/* The way back: what is condemned ceases to be current, and its data with it. */
#ifndef ROLLBACK_WAY_BACK_H
#define ROLLBACK_WAY_BACK_H

#include "rollback/run.h"

/* Takes back every release that is condemned and due, where the disk says that it is current, tells that in the journal
 * and drops the entry. What cannot be taken back stays in the plan for the next restart. */
void way_back_take(struct run *run);

#endif
