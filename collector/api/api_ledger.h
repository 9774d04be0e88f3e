/* The ledger's files, and proofs that a report is in it. */
#ifndef COLLECTOR_API_API_LEDGER_H
#define COLLECTOR_API_API_LEDGER_H

#include "collector/api/api_context.h"

/* /ledger/checkpoint, /ledger/tile/...: static files, as any web server may serve them. */
void api_ledger_file(struct api *api, struct exchange *exchange);
/* /proofs/SHA256, perhaps ?since=SIZE */
void api_ledger_proof(struct api *api, struct exchange *exchange);
/* /api/v1/delivery-certificate?terminal=&package=&version= */
void api_ledger_certificate(struct api *api, struct database *database, struct exchange *exchange);

/* /api/v1/ledger: its name and size, and who has signed it. */
void api_ledger_now(struct api *api, struct database *database, struct exchange *exchange);
/* What it answers, for the page too. NULL on failure; ERROR_NOT_FOUND where there is no ledger. */
json_t *api_ledger_tell(struct api *api, struct database *database, struct error *err);

#endif
