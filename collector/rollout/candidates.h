/* What is rolled out: the catalog of the published repository. Nothing is verified here: who holds the folder could make the
 * collector watch something else, which holds rollouts up and starts none. */
#ifndef COLLECTOR_ROLLOUT_CANDIDATES_H
#define COLLECTOR_ROLLOUT_CANDIDATES_H

#include "manifests/catalog/catalog.h"

/* Reads the newest catalog of REPOSITORY, a folder as haishin-repo publishes it; NULL where it offers nothing yet. ERROR_INPUT where it
 * is no whole repository: perhaps it is being published at this moment. */
WARN_UNUSED int candidates_read(const char *repository, struct catalog **ret_catalog, struct error *err);

#endif
