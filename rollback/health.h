/* Is an activated release healthy? A command, a unit that is active, or a local HTTP answer, each with time limit and
 * retries. */
#ifndef ROLLBACK_HEALTH_H
#define ROLLBACK_HEALTH_H

#include "common/env.h"
#include "common/error.h"
#include "manifests/release/release.h"
#include "rollback/sandbox/sandbox.h"

/* 0: healthy for the whole settling time (or nothing to check). ERROR_REFUSED: it is not, with the reason for people.
 * ERROR_FAILED: it could not be told. A command runs in SANDBOX. */
WARN_UNUSED int health_check(
	const struct env *env, const struct release_health *health, const struct sandbox *sandbox, struct error *err);

#endif
