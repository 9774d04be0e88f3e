/* What a release changes, in one line for each language, as its signed notes begin: kept so that nobody has to read a whole release to
 * tell it. Of the current release of each package and of the one that is staged; a setting. */
#ifndef AGENT_STORE_HEADLINE_H
#define AGENT_STORE_HEADLINE_H

#include "agent/store/record.h"
#include "common/json.h"

/* Keeps LINES (text by language) and the digest of the notes for FOLDER of PACKAGE, beside those of FOLDER_TOO, and forgets others. */
WARN_UNUSED int headline_put(struct store *store, const char *package, const char *folder, const char *folder_too,
	const json_t *lines, const char *digest, struct error *err);

/* {"digest": ..., "lines": {"ja": ...}} of FOLDER, the caller's; *RET is NULL where there are no notes. */
WARN_UNUSED int headline_find(
	struct store *store, const char *package, const char *folder, json_t **ret, struct error *err);

/* The line in Japanese, or else in English, or else in whatever there is; "" where there is none. */
const char *headline_text(const json_t *headline);

#endif
