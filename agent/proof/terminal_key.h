/* The terminal's own key: an Ed25519 key made at the first start, which no other terminal has. It seals what leaves
 * the terminal, such as exports of the history; only root can read it. */
#ifndef AGENT_PROOF_TERMINAL_KEY_H
#define AGENT_PROOF_TERMINAL_KEY_H

#include "agent/base/terminal.h"
#include "manifests/keys/key.h"
#include "manifests/keys/signer.h"

/* In the state folder, mode 0600. */
#define TERMINAL_KEY_FILE "terminal.key"

/* The private key, made where there is none yet. NULL on failure. */
struct signer *terminal_key_load(struct terminal *terminal, struct error *err);

/* Its public half, for checking. NULL on failure. */
struct key *terminal_key_public(struct terminal *terminal, struct error *err);

#endif
