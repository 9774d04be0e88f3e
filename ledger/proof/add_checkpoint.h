/* The body of add-checkpoint (c2sp.org/tlog-witness): how a log asks a witness for its cosignature. */
#ifndef LEDGER_PROOF_ADD_CHECKPOINT_H
#define LEDGER_PROOF_ADD_CHECKPOINT_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "ledger/note/note.h"
#include "ledger/note/span.h"
#include "ledger/tree/merkle.h"

#define ADD_CHECKPOINT_MAX_BYTES (NOTE_MAX_BYTES + 4096)

struct add_checkpoint {
	uint64_t old_size;	 /* of the checkpoint that the witness has cosigned last; 0 for none */
	struct merkle_path path; /* consistency proof from there */
	struct span checkpoint;	 /* the note as the log has signed it */
};

/* Takes a request apart; what is returned is borrowed from DATA. ERROR_REFUSED where it is none. */
WARN_UNUSED int add_checkpoint_parse(struct span data, struct add_checkpoint *ret_request, struct error *err);
WARN_UNUSED int add_checkpoint_write(const struct add_checkpoint *request, struct buf *ret_body, struct error *err);

/* The body of answer 409 (text/x.tlog.size): the size that the witness has cosigned. ERROR_REFUSED otherwise. */
WARN_UNUSED int add_checkpoint_read_conflict(struct span body, uint64_t *ret_size, struct error *err);

#endif
