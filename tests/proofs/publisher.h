/* The publisher of the random nights: what it releases, state by state, with keys and dates that are those of its seed. */
#ifndef TESTS_PROOFS_PUBLISHER_H
#define TESTS_PROOFS_PUBLISHER_H

#include "tests/agent/world.h"

#define PUBLISHER_LAST_STATE 8
#define PUBLISHER_LAST_VERSION "3.0.0"
#define PUBLISHER_RING "pilot" /* terminals that take what is being tried */

/* The names of its keys that brake: the second from the state on in which the first is known to be stolen. */
#define PUBLISHER_BRAKES {"brake", "brake-2"}
#define PUBLISHER_STOLEN_STATE 6

/* A world with a publisher that has published all it will, and a terminal that has nothing yet. The repository's states are
 * beside each other in STATES, a folder of the world: 0/metadata, 0/targets, 1/metadata ... */
struct world *publisher_world(uint64_t seed, char ret_states[static FOLDER_PATH_SIZE + 16]);

#endif
