/* The way forward: which of the staged releases one restart makes current, and the switch itself. */
#ifndef ROLLBACK_ACTIVATION_H
#define ROLLBACK_ACTIVATION_H

#include "rollback/run.h"

/* What an interrupted run switched, but did not tell or note: STAGED -> TRIAL. The disk shows it. */
void activation_finish_interrupted(struct run *run);

/* Notes the intent for as many as one restart may activate, first for what an interrupted one has begun, then in the order of
 * priority: the way back and a journal line kept. At a later run of the same boot, when applications may run already, only
 * for the former. One that cannot be activated is condemned with its group. */
void activation_choose(struct run *run);

/* Makes current what was chosen: STAGED -> TRIAL; CONDEMNED with its group where that fails. Only once the intent is on
 * disk. */
void activation_switch(struct run *run);

/* Where the intent is not on disk, for the reason that WHY says, nothing is switched; what an interrupted run has switched
 * of a group is condemned with the rest of it, as applications are about to start. */
void activation_leave(struct run *run, const struct error *why);

#endif
