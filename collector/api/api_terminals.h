/* Terminals: found, filtered, and one by one; certificates. Whoever looks at one terminal is noted in the access
 * record. */
#ifndef COLLECTOR_API_API_TERMINALS_H
#define COLLECTOR_API_API_TERMINALS_H

#include "collector/api/api_context.h"
#include "collector/api/page.h"
#include "collector/store/fleet_rows.h"

void api_terminals_list(struct api *api, struct database *database, struct exchange *exchange);
void api_terminals_one(struct api *api, struct database *database, struct exchange *exchange);

/* What they answer, for the page too. The page of a list is begun; its cursor is read here. */
WARN_UNUSED int api_terminals_fill(
	struct database *database, const struct fleet_filter *filter, struct page *page, struct error *err);
/* NULL on failure; ERROR_NOT_FOUND where CLIENT may not know of such a terminal. Notes the look. */
json_t *api_terminals_tell(
	struct api *api, struct database *database, const struct client *client, const char *key, struct error *err);

/* Notes that CLIENT looked at this terminal. */
WARN_UNUSED int api_terminals_note_look(
	struct api *api, struct database *database, const struct client *client, int64_t terminal, struct error *err);

#endif
