/* The ledger while one collector holds it: entries of reports in, proofs out. Belongs to one thread. */
#ifndef COLLECTOR_LEDGER_QUILL_H
#define COLLECTOR_LEDGER_QUILL_H

#include "collector/config/config.h"
#include "collector/store/database.h"
#include "common/digest.h"
#include "common/fs.h"

struct quill;

/* Reads the key of the settings ([ledger] key, PKCS#8 PEM). */
struct signer *quill_read_key(const struct config *config, struct error *err);

/* Opens the ledger to write, and notes in DATABASE what was logged and is not noted there. MAY_SIGN as in
 * ledger/log/ledger_log.h. ERROR_BUSY where another process writes it. All is borrowed. */
WARN_UNUSED int quill_open(const struct config *config, struct database *database,
	int (*may_sign)(void *context, struct error *err), void *context, struct quill **ret_quill,
	struct error *err);
void quill_close(struct quill *quill);
DEFINE_AUTO_PTR(quill, struct quill, quill_close);

/* Logs what the database says waits, at most one batch, and notes where it is; *RET_COUNT of them. After a failure
 * it is of no more use: close it, and open it anew. */
WARN_UNUSED int quill_log_batch(struct quill *quill, size_t *ret_count, struct error *err);

/* Appends the proof of the report with this digest to RET_PROOF. *RET_FOUND: it is logged. */
WARN_UNUSED int quill_prove(
	struct quill *quill, const struct sha256 *digest, struct buf *ret_proof, bool *ret_found, struct error *err);

/* Entries that are logged. */
uint64_t quill_size(const struct quill *quill);

#endif
