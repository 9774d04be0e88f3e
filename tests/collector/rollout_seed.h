/* Rollouts beside a collector: what its operator has published, the key of the brake, and what came of it in some nights. */
#ifndef TESTS_COLLECTOR_ROLLOUT_SEED_H
#define TESTS_COLLECTOR_ROLLOUT_SEED_H

#include "tests/collector/collector_fixture.h"

#define ROLLOUT_SEED_PACKAGE "linkage-app"
#define ROLLOUT_SEED_VERSION "1.1.0"

/* Publishes two candidates below the collector's folder, linkage-app 1.1.0 in its second stage and distro-app 2.5.0, makes a key, and adds
 * [metadata] and [brake] to its settings. Before they are written. */
void rollout_seed_publish(struct collector *collector, int64_t now_s);
/* Writes what came of them into the store of a seeded fleet: one is well, the brake has stopped the other, a third is over. */
void rollout_seed_nights(const struct collector *collector, int64_t now_s);
/* Waits until the collector has judged them all and signed a statement. */
void rollout_seed_wait(const struct collector *collector);

#endif
