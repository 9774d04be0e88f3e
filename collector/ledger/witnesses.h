/* The witnesses of the operator's policy (c2sp.org/tlog-witness), as the ledger asks them: all at once, for five seconds, for
 * their cosignatures under its newest checkpoint. Belongs to one thread.
 *
 * A witness is believed in two things only: its cosignature, where it holds and is not a day off our clock; and a checkpoint that
 * it shows, where it bears the ledger's own signature. What else it says stops nobody: it counts as no cosignature. */
#ifndef COLLECTOR_LEDGER_WITNESSES_H
#define COLLECTOR_LEDGER_WITNESSES_H

#include <stdbool.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/error.h"
#include "ledger/log/ledger_log.h"
#include "ledger/note/note.h"
#include "ledger/proof/policy.h"

#define WITNESSES_PATIENCE_MS 5000
/* So long for the others once the quorum is there. */
#define WITNESSES_GRACE_MS 250

struct witnesses;

struct witnesses_answer {
	struct buf lines;  /* the cosignatures that hold, a line each */
	bool is_satisfied; /* they make up the quorum */
	/* Those that answered, and showed nothing that contradicts, would make it up. */
	bool is_undisputed;
	char missing[256]; /* who has not cosigned, and why; "" */
};

#define WITNESSES_ANSWER_INIT                                                                                        \
	{                                                                                                            \
		.lines = BUF_INIT(NOTE_MAX_BYTES)                                                                    \
	}

/* Both are borrowed. */
WARN_UNUSED int witnesses_open(
	const struct policy *policy, const struct clock *clock, struct witnesses **ret_witnesses, struct error *err);
void witnesses_close(struct witnesses *witnesses);
DEFINE_AUTO_PTR(witnesses, struct witnesses, witnesses_close);

/* Asks them about the newest checkpoint of LOG. Silence is no failure. ERROR_DAMAGED: one of them shows a checkpoint that this
 * ledger's key has signed, and that LOG does not lead to: an older copy of its folder was put back, and nothing must be
 * signed any more. */
WARN_UNUSED int witnesses_ask(
	struct witnesses *witnesses, struct ledger_log *log, struct witnesses_answer *ret_answer, struct error *err);

#endif
