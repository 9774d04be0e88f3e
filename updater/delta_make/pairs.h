/* Which old file each new one most likely came from. */
#ifndef UPDATER_DELTA_MAKE_PAIRS_H
#define UPDATER_DELTA_MAKE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/auto.h"
#include "common/error.h"
#include "manifests/release/release.h"

struct pairs {
	const struct release_file **by_content; /* of the old release */
	const struct release_file **by_name;	/* of the old release, by path without digits */
	size_t count;
};

/* OLD is borrowed. */
WARN_UNUSED int pairs_init(struct pairs *ret_pairs, const struct release *old, struct error *err);
void pairs_clear(struct pairs *pairs);
DEFINE_AUTO(pairs, struct pairs, pairs_clear);

/* Has the old release a file with this content? */
bool pairs_have(const struct pairs *pairs, const struct release_file *file);
/* The old file with the same path, else one that differs in digits only. NULL: none. */
const struct release_file *pairs_find(const struct pairs *pairs, const struct release_file *file);

#endif
