/* What a campaign's dates come to, by the terminals' own arithmetic: warnings for who misspelt one. */
#ifndef TOOLS_REPO_COMMANDS_CATALOG_CAMPAIGN_NIGHTS_H
#define TOOLS_REPO_COMMANDS_CATALOG_CAMPAIGN_NIGHTS_H

#include <stdint.h>

#include "common/json.h"
#include "tools/repo/base/command.h"

/* Tells where campaign NUMBER of CATALOG delivers on no night from now on; nothing where the terminals' time zone is not known on this
 * machine. */
void campaign_nights_warn(const struct tool *tool, const json_t *catalog, int64_t number);

#endif
