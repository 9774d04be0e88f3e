/* Proofs from the ledger's folder as it is served: for whoever reads it while somebody else, or nobody, appends. Takes no lock. */
#ifndef COLLECTOR_LEDGER_PUBLISHED_H
#define COLLECTOR_LEDGER_PUBLISHED_H

#include <stdbool.h>

#include "collector/config/config.h"
#include "collector/store/database.h"
#include "common/buf.h"
#include "common/digest.h"

/* Appends the proof of the report with this digest. *RET_FOUND is false where it is not in what is served. Nothing is verified:
 * whoever gets the proof does so. */
WARN_UNUSED int published_prove(const struct config *config, struct database *database, const struct sha256 *digest,
	struct buf *ret_proof, bool *ret_found, struct error *err);

#endif
