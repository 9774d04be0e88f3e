/* The publisher's side of the stories in which new releases are tried: what its repository says at one moment after the other. */
#ifndef TESTS_PROOFS_ROLLOUT_STORY_H
#define TESTS_PROOFS_ROLLOUT_STORY_H

#include "tests/agent/world.h"

enum rollout_moment {
	ROLLOUT_LET,	 /* the brake's statement is fresh, and lets them come */
	ROLLOUT_BRAKED,	 /* the brake has stopped them */
	ROLLOUT_CALLED_BACK, /* the operator has withdrawn them, and calls them back */
	ROLLOUT_MOMENTS,
};

/* Begins to try both packages at VERSION, which is there, for all terminals at once, with a brake; from then on the publisher's clock
 * shows the terminal's time. The repository of each moment stands below the world's folder. */
void rollout_story_publish(struct world *world, const char *const packages[static 2], const char *version);
/* From now on the terminal asks the repository of that moment. One terminal in a process. */
void rollout_story_ask(struct world *world, enum rollout_moment moment);

#endif
