/* The anchor: the newest row's number and digest, signed with the terminal's own key. The chain of digests alone
 * cannot show that its tail was cut off or computed anew; whoever does that without the key is found by the anchor.
 * Reports carry the same head to the server, which finds those who have the key too. */
#ifndef AGENT_PROOF_ANCHOR_H
#define AGENT_PROOF_ANCHOR_H

#include "agent/base/terminal.h"
#include "agent/store/history_chain.h"
#include "common/json.h"

/* Signs the newest row, unless the row that was signed last is no longer what it was: then the former anchor stays,
 * so that it is found, and ERROR_DAMAGED says so. */
WARN_UNUSED int anchor_set(struct terminal *terminal, struct error *err);

/* ERROR_DAMAGED where the history lacks the row of HEAD, which was signed once, or holds another in its place. */
WARN_UNUSED int anchor_check_row(struct store *store, const struct history_chain *head, struct error *err);

/* ERROR_DAMAGED where the history lacks the signed row, or holds another in its place. */
WARN_UNUSED int anchor_verify(struct terminal *terminal, struct error *err);

/* The signed head, for those who keep it elsewhere: {"rows", "head", "signature"}. NULL on failure. */
json_t *anchor_json(struct terminal *terminal, struct error *err);

#endif
