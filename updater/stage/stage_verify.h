/* Is a staged folder what its release says? */
#ifndef UPDATER_STAGE_STAGE_VERIFY_H
#define UPDATER_STAGE_STAGE_VERIFY_H

#include "common/env.h"
#include "common/error.h"
#include "manifests/release/release.h"

/* Checks a folder against its release: every file, mode, link and digest, and nothing besides. ERROR_DAMAGED or
 * ERROR_NOT_FOUND names what is wrong. */
WARN_UNUSED int stage_verify(const struct env *env, int versions_dir_fd, const char *folder,
	const struct release *release, struct error *err);

#endif
