/* The programs that a release brings to be run on the terminal, and the health it must show, as its JSON says them.
 * Part of manifests/release. */
#ifndef MANIFESTS_RELEASE_RELEASE_CHECK_H
#define MANIFESTS_RELEASE_RELEASE_CHECK_H

#include <jansson.h>

#include "common/error.h"
#include "manifests/base/arena.h"
#include "manifests/release/release_parts.h"

/* Reads the program NAME of a release, "self_test" or "migrate"; CHECK stays empty where there is none. The texts go to
 * MEMORY. ERROR_INPUT names the member that is wrong. */
WARN_UNUSED int release_check_read(struct arena *memory, const json_t *release, const char *name,
	struct release_check *check, struct error *err);
/* The same for "health". */
WARN_UNUSED int release_check_read_health(
	struct arena *memory, const json_t *release, struct release_health *health, struct error *err);

/* The JSON of a program; NULL where there is no memory, or a text is not UTF-8. */
json_t *release_check_pack(const struct release_check *check);
/* The same for the health of a release that has one. */
json_t *release_check_pack_health(const struct release_health *health);

#endif
