/* What a release on trial has to pass before the applications start; one that does not is condemned with its group. The
 * agent's health check comes after, when they have started. */
#ifndef ROLLBACK_TRIAL_H
#define ROLLBACK_TRIAL_H

#include "rollback/run.h"

/* A new start: it counts for every release on trial, which ends for those that have had too many, or are current no
 * more. What the agent condemned is due. */
void trial_count_start(struct run *run);

/* Once for each release that has become current: its data is migrated where it says so (rollback/data.h). */
void trial_settle_data(struct run *run);

/* Runs each self-test that has not passed yet. Where it could not be run there is no verdict: the agent's health check
 * has it. */
void trial_self_test(struct run *run);

#endif
