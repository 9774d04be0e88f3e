/* The catalog that is being changed: read from what is staged or published, written back and signed by the operator's
 * key. */
#ifndef TOOLS_REPO_METADATA_CATALOG_DRAFT_H
#define TOOLS_REPO_METADATA_CATALOG_DRAFT_H

#include "common/error.h"
#include "common/json.h"
#include "tools/repo/base/workspace.h"
#include "tools/repo/keys/keyring.h"

#define CATALOG_ROLE "operator"

/* The catalog's JSON, a new reference; an empty one where there is none yet. */
WARN_UNUSED int catalog_draft_read(const struct workspace *workspace, json_t **ret_catalog, struct error *err);

/* Checks it as terminals do, stages it, and signs for the operator with the keys at hand. RET_MISSING signatures are
 * left. */
WARN_UNUSED int catalog_draft_write(const struct workspace *workspace, json_t *catalog, struct keyring *keyring,
	int64_t *ret_missing, struct error *err);

/* What a campaign delivers, for people: "all packages", or their names, cut where they are too many for 256 bytes. */
const char *catalog_draft_packages_of(const json_t *campaign, char ret_text[static 256]);

/* What is offered is there, or will be once what is staged is published: ERROR_INPUT names the first that is not. */
WARN_UNUSED int catalog_draft_check_offers(const struct workspace *workspace, struct error *err);

#endif
