/* The forgery check: can this agent still tell a genuine document from a forged one? An agent that cannot would never
 * take an update again, the one that mends it included. */
#ifndef AGENT_PROOF_FORGERY_CHECK_H
#define AGENT_PROOF_FORGERY_CHECK_H

#include "common/error.h"

/* Verifies a document that was signed with a key of each kind, and refuses the same with one byte changed. Needs
 * nothing from disk. */
WARN_UNUSED int forgery_check(struct error *err);

#endif
