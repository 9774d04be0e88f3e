/* Proofs from the ledger's folder as it is served: for whoever reads it while somebody else, or nobody, appends. Takes no lock. */
#ifndef COLLECTOR_LEDGER_PUBLISHED_H
#define COLLECTOR_LEDGER_PUBLISHED_H

#include <stdbool.h>

#include "collector/config/config.h"
#include "collector/store/database.h"
#include "common/buf.h"

/* Appends the proof of the entry at INDEX, by the oldest checkpoint that was kept of those that the policy of the settings accepts,
 * so that it proves the earliest time; by what is served where none was. *RET_FOUND is false where the entry is not in what is served
 * yet. Nothing is verified: whoever gets the proof does so. */
WARN_UNUSED int published_prove(const struct config *config, struct database *database, uint64_t index,
	struct buf *ret_proof, bool *ret_found, struct error *err);

#endif
