/* No table of its own: rows that are kept as settings. A release that the server would not give (4xx). A file may come late, such as while a mirror is being copied: it is asked for
 * again in the same night, with growing pauses; from the next night on once a night, until the repository's metadata has another
 * version, so that a fleet does not ask over and over for what is not there. */
#ifndef AGENT_STORE_POSTPONED_H
#define AGENT_STORE_POSTPONED_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/store/store.h"

struct postponed {
	char digest[SHA256_HEX_SIZE]; /* of the release */
	int64_t metadata_version;     /* of the snapshot under which the server would not give it */
	int64_t since_s;	      /* the first time under that version */
	int64_t last_s;		      /* the last time */
	char why[STORE_TEXT_SIZE];
};

/* One release of each package at most: what is put takes the place of what was there. */
WARN_UNUSED int postponed_put(
	struct store *store, const char *package, const struct postponed *postponed, struct error *err);
/* True if it is to be asked for at NOW_S. */
bool postponed_is_due(const struct postponed *postponed, int64_t now_s);
/* *RET_FOUND is true where the release is postponed under this version of the metadata. */
WARN_UNUSED int postponed_find(struct store *store, const char *package, const char *digest, int64_t metadata_version,
	struct postponed *ret_postponed, bool *ret_found, struct error *err);

#endif
