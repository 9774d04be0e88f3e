/* What a terminal is heard to say of a release that is tried: by status, explain, and the decision beneath both. */
#ifndef TESTS_AGENT_CHOICE_TOLD_H
#define TESTS_AGENT_CHOICE_TOLD_H

#include "agent/status/explain.h"
#include "agent/status/status.h"
#include "tests/agent/world.h"

/* Its status, judged. A package that this terminal lacks stands there as 1.0.0. */
void told_look(struct world *world, struct status *status);
/* The library in it. */
const struct status_package *told_of(const struct status *status);
void told_explain(struct world *world, const struct status *status, struct explanation *explanation);

void assert_decided(struct world *world, enum rollout_step step, enum rollout_gate gate);
/* Nothing is asked of staff, and the newer one is named as what comes later. */
void assert_outside(struct world *world, const char *gate);

#endif
