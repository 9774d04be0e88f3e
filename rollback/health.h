/* Is an activated release healthy? A command, a unit that is active, or a local HTTP answer, each with time limit and
 * retries. */
#ifndef ROLLBACK_HEALTH_H
#define ROLLBACK_HEALTH_H

#include "common/env.h"
#include "common/error.h"
#include "manifests/release/release.h"

/* 0: healthy for the whole settling time (or nothing to check). ERROR_REFUSED: it is not, with the reason for people.
 * ERROR_FAILED: it could not be told. FOLDER is the release's folder; USER whom a command becomes where we are root.
 */
WARN_UNUSED int health_check(const struct env *env, const struct release_health *health, const char *folder,
	const char *user, struct error *err);

#endif
