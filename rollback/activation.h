/* The way forward: which of the staged releases one restart makes current, and the switch itself. */
#ifndef ROLLBACK_ACTIVATION_H
#define ROLLBACK_ACTIVATION_H

#include "rollback/run.h"

/* What an interrupted run switched, but did not tell or note: STAGED -> TRIAL. The disk shows it. */
void activation_finish_interrupted(struct run *run);

/* Notes the intent for as many as one restart may activate, in the order of priority: the way back and a journal line
 * kept. At a later run of the same boot, when applications may run already, only for those that the first one had begun
 * with. One that cannot be activated is condemned with its group. */
void activation_choose(struct run *run);

/* Makes current what was chosen: STAGED -> TRIAL; CONDEMNED with its group where that fails. Only once the intent is on
 * disk. */
void activation_switch(struct run *run);

#endif
