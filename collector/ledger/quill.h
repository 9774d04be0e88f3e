/* The ledger while one collector holds it: entries of reports in, proofs out. Nothing is appended before the quorum of
 * witnesses has cosigned what is there, and nothing is served before: so a folder put back from a backup signs nothing that
 * contradicts what they have seen. Belongs to one thread. */
#ifndef COLLECTOR_LEDGER_QUILL_H
#define COLLECTOR_LEDGER_QUILL_H

#include "collector/config/config.h"
#include "collector/store/database.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/fs.h"

struct quill;

/* Opens the key of the settings ([ledger] key: a file, or the URI of one in a token). */
struct signer *quill_read_key(const struct config *config, struct error *err);

/* Key and policy of the settings can be read, and belong together. */
WARN_UNUSED int quill_check(const struct config *config, struct error *err);

/* What a quill works with; all is borrowed. */
struct quill_desk {
	const struct config *config;
	const struct clock *clock;
	struct database *database;
	int (*may_sign)(void *context, struct error *err); /* as in ledger/log/ledger_log.h */
	void *context;
};

/* Opens the ledger to write, notes in the database what was logged and is not noted there, and shows the witnesses what is
 * there. ERROR_BUSY where another process writes it; ERROR_DAMAGED where an older copy of its folder was put in its place, as
 * the database or a witness shows. */
WARN_UNUSED int quill_open(const struct quill_desk *desk, struct quill **ret_quill, struct error *err);
void quill_close(struct quill *quill);
DEFINE_AUTO_PTR(quill, struct quill, quill_close);

/* Logs what the database says waits, at most one batch, notes where it is, and shows it to the witnesses; *RET_COUNT of
 * them, 0 while the witnesses have not cosigned the last one. After a failure it is of no more use: close it, and open it
 * anew. */
WARN_UNUSED int quill_log_batch(struct quill *quill, size_t *ret_count, struct error *err);

/* Who has not cosigned, so that nothing goes on; "" while all goes well. */
const char *quill_waits_for(const struct quill *quill);

/* Appends the proof of the report with this digest to RET_PROOF. *RET_FOUND: it is logged, and served. Where the policy asks for
 * no witness, and the terminal has seen the ledger at SINCE entries (0: never), appends to RET_GROWTH that it only grew since:
 * "old SINCE", then a hash a line. */
WARN_UNUSED int quill_prove(struct quill *quill, const struct sha256 *digest, uint64_t since, struct buf *ret_proof,
	struct buf *ret_growth, bool *ret_found, struct error *err);

#endif
