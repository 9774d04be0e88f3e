/* Where paths of a release lead by way of its own links. */
#ifndef MANIFESTS_RELEASE_RELEASE_LINKS_H
#define MANIFESTS_RELEASE_RELEASE_LINKS_H

#include "manifests/release/release_parts.h"

/* The file or folder that PATH leads to on a terminal, borrowed; NULL where there is nothing, where links lead around in a circle, or
 * out of the release. */
const struct release_file *release_links_find(const struct release *release, const char *path);

#endif
