/* Which terminal this is. Its key and its secret were made on one machine; on another, as when a disk was copied, they would be two
 * terminals' at once. So the store notes by which machine and which key this terminal is known, and where that changes the
 * terminal is given a key of its own, a secret of its own, and a new chapter of its history that names the former key. */
#ifndef AGENT_PROOF_IDENTITY_H
#define AGENT_PROOF_IDENTITY_H

#include "agent/base/terminal.h"
#include "common/words/identity_changes.h"
#include "manifests/keys/key.h"

/* Looks at the machine and the key, and settles what has changed. To be called at each start of the agent, and before a job: a key
 * that is gone or damaged is made anew here, nowhere else. What cannot be read of a machine tells nothing. */
WARN_UNUSED int identity_settle(struct terminal *terminal, struct error *err);

/* The last change. */
struct identity {
	enum identity_change change; /* IDENTITY_UNCHANGED: none so far */
	int64_t since_s;
	char former[KEY_ID_SIZE];
	bool shares_certificate; /* the client certificate is still the one of before, after a change of the machine */
};
WARN_UNUSED int identity_find(struct store *store, struct identity *ret_identity, struct error *err);

const char *identity_change_name(enum identity_change change);

#endif
