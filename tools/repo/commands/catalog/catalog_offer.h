/* Which release of a package terminals should run: its entry in the catalog that is being changed. */
#ifndef TOOLS_REPO_COMMANDS_CATALOG_CATALOG_OFFER_H
#define TOOLS_REPO_COMMANDS_CATALOG_CATALOG_OFFER_H

#include "common/digest.h"
#include "common/json.h"
#include "tools/repo/base/workspace.h"

/* The entry of the package NAME; NULL where the catalog does not offer it. Borrowed. */
json_t *catalog_offer_find(const json_t *catalog, const char *name);

/* Offers TEXT, "PACKAGE=VERSION", as the options --priority, --rollout and --back say. ERROR_NOT_FOUND where there is no such
 * release; ERROR_USAGE where it is older than what is offered, and nothing says that this is meant. */
WARN_UNUSED int catalog_offer(const struct tool *tool, const struct workspace *workspace, json_t *catalog,
	const char *text, struct error *err);

/* The SHA-256 of the release's target, by which a rollout names it. ERROR_NOT_FOUND where there is no such release. */
WARN_UNUSED int catalog_offer_digest(const struct workspace *workspace, const char *package, const char *version,
	char ret_digest[static SHA256_HEX_SIZE], struct error *err);

/* Warns of requirements that the catalog itself does not meet. */
WARN_UNUSED int catalog_offer_warn(
	const struct tool *tool, const struct workspace *workspace, const json_t *catalog, struct error *err);

#endif
