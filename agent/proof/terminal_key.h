/* The terminal's own key: an Ed25519 key made at the first start, which no other terminal has. It seals what leaves
 * the terminal, such as exports of the history; only root can read it. */
#ifndef AGENT_PROOF_TERMINAL_KEY_H
#define AGENT_PROOF_TERMINAL_KEY_H

#include "agent/base/terminal.h"
#include "agent/proof/key_names.h"
#include "manifests/keys/key.h"
#include "manifests/keys/signer.h"

/* In the state folder, mode 0600. */
#define TERMINAL_KEY_FILE "terminal.key"

/* The private key, made where there never was one. NULL on failure: ERROR_DAMAGED where it is gone or is none any more, which
 * identity.h mends. */
struct signer *terminal_key_load(struct terminal *terminal, struct error *err);

/* Its public half, for checking. NULL on failure. */
struct key *terminal_key_public(struct terminal *terminal, struct error *err);

/* Whether anything stands in its place. */
bool terminal_key_is_there(struct terminal *terminal);

/* Puts a new key in the place of what stands there. One that is no key is kept beside it, as terminal.key.damaged. */
struct signer *terminal_key_renew(struct terminal *terminal, struct error *err);

/* The id of the key that this terminal is known by, as its store notes it; "" before identity_settle() has noted one. */
WARN_UNUSED int terminal_key_noted(struct store *store, char ret_id[static KEY_ID_SIZE], struct error *err);
/* Notes ID; the one that was noted before is a former one from now on. */
WARN_UNUSED int terminal_key_note(struct store *store, const char *id, struct error *err);
/* The former ones. */
WARN_UNUSED int terminal_key_former(struct store *store, struct key_names *ret_names, struct error *err);

#endif
