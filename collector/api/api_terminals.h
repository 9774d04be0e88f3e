/* Terminals: found, filtered, and one by one; certificates. Whoever looks at one terminal is noted in the access
 * record. */
#ifndef COLLECTOR_API_API_TERMINALS_H
#define COLLECTOR_API_API_TERMINALS_H

#include "collector/api/api_context.h"

void api_terminals_list(struct api *api, struct database *database, struct exchange *exchange);
void api_terminals_one(struct api *api, struct database *database, struct exchange *exchange);
void api_terminals_certificates(struct api *api, struct database *database, struct exchange *exchange);

#endif
