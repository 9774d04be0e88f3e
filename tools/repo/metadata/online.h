/* Snapshot and timestamp: what keys that are at hand every day sign anew with each change, and on days without one. */
#ifndef TOOLS_REPO_METADATA_ONLINE_H
#define TOOLS_REPO_METADATA_ONLINE_H

#include <stdbool.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/json.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/keys/keyring.h"

struct online {
	bool as_published; /* signed for clients as they are, whatever is staged */
	json_t *snapshot;  /* the next document, signed; NULL: the published one stays */
	json_t *timestamp; /* the next document, signed */
};
void online_clear(struct online *online);
DEFINE_AUTO(online, struct online, online_clear);

/* Makes the next snapshot: what the published one lists, with the staged documents of ROLES (an array of names; NULL:
 * none) in place of theirs. ERROR_INPUT where signatures are missing. While root changes, keys of the published root
 * sign too as far as they are here, so that clients with the former root can go on. Writes nothing. */
WARN_UNUSED int online_make_snapshot(struct online *online, const struct workspace *workspace, const json_t *roles,
	struct keyring *keyring, struct error *err);
/* The same for the next timestamp, which lists the snapshot just made, or else the published one. */
WARN_UNUSED int online_make_timestamp(
	struct online *online, const struct workspace *workspace, struct keyring *keyring, struct error *err);

/* Puts what was made before the clients, timestamp last: nobody asks for the snapshot until it says so. */
WARN_UNUSED int online_publish(const struct online *online, const struct workspace *workspace, struct error *err);

/* True where half of the life of SNAPSHOT, a published document, is over. */
bool online_snapshot_is_due(const struct workspace *workspace, const json_t *snapshot);

#endif
