/* The ledger's files, and proofs that a report is in it. */
#ifndef COLLECTOR_API_API_LEDGER_H
#define COLLECTOR_API_API_LEDGER_H

#include "collector/api/api_context.h"

/* /ledger/checkpoint, /ledger/tile/...: static files, as any web server may serve them. */
void api_ledger_file(struct api *api, struct exchange *exchange);
/* /proofs/SHA256 */
void api_ledger_proof(struct api *api, struct exchange *exchange);

#endif
