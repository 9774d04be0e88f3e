/* That a log only grew: a size that was seen before, and the consistency proof from there (RFC 9162, section 2.1.4), as text: a
 * line "old SIZE", then a hash in base64 a line. A witness is asked so (c2sp.org/tlog-witness), and a terminal is told so. */
#ifndef LEDGER_PROOF_GROWTH_PROOF_H
#define LEDGER_PROOF_GROWTH_PROOF_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "ledger/note/checkpoint.h"
#include "ledger/note/span.h"
#include "ledger/tree/merkle.h"

#define GROWTH_PROOF_MAX_BYTES 4096

struct growth_proof {
	uint64_t old_size;
	struct merkle_path path;
};

/* Takes it off the front of REST, up to its end or an empty line, which stays. ERROR_REFUSED where it is none. */
WARN_UNUSED int growth_proof_take(struct span *rest, struct growth_proof *ret_growth, struct error *err);
WARN_UNUSED int growth_proof_write(const struct growth_proof *growth, struct buf *ret_text, struct error *err);

/* 0 if TEXT shows that the log of BEFORE, and no other, became that of NOW. ERROR_REFUSED says what does not hold. */
WARN_UNUSED int growth_proof_check(
	struct span text, const struct checkpoint *before, const struct checkpoint *now, struct error *err);

#endif
