/* What the server says of the ledger in its answer to a report: the proof at once, or at a later contact. */
#ifndef AGENT_NIGHT_REPORT_PROOF_H
#define AGENT_NIGHT_REPORT_PROOF_H

#include "agent/base/terminal.h"
#include "common/json.h"
#include "common/transport.h"

#define REPORT_PROOF_PENDING "receipt.pending"

/* Takes member `proof` of the ANSWER to REPORT, as it was sent. Where it is null the report is kept, for report_proof_ask().
 * What does not hold is in the history and the log; the report was taken all the same. */
void report_proof_take(struct terminal *terminal, const struct buf *report, const json_t *answer);

/* Asks for the proof that was still to come, if any: "proofs/SHA-256" beside the address of reports. */
void report_proof_ask(struct terminal *terminal, struct transport *way);

#endif
