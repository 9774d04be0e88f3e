/* A witness (c2sp.org/tlog-witness): cosigns a log's checkpoint where it is one that the log's former one leads to, and
 * never two that contradict each other. */
#ifndef TOOLS_WITNESS_WITNESS_H
#define TOOLS_WITNESS_WITNESS_H

#include "common/buf.h"
#include "common/clock.h"
#include "ledger/note/span.h"
#include "ledger/note/vkey.h"
#include "ledger/proof/policy.h"
#include "manifests/keys/signer.h"
#include "tools/witness/witness_store.h"

#define WITNESS_ANSWER_MAX_BYTES (NOTE_MAX_BYTES + 1024)

/* All is borrowed. */
struct witness {
	const struct policy *logs; /* whose checkpoints it cosigns; nothing else of the policy counts here */
	const struct vkey *key;
	const struct signer *signer;
	const struct clock *clock;
	struct witness_store *store;
};

/* An answer over HTTP. */
struct witness_answer {
	unsigned int status;
	const char *content_type; /* a constant */
	struct buf body;
};

#define WITNESS_ANSWER_INIT                                                                                          \
	{                                                                                                            \
		.body = BUF_INIT(WITNESS_ANSWER_MAX_BYTES)                                                           \
	}

/* POST add-checkpoint. 200 with our cosignature, once it is durable that we gave it; otherwise the status that the
 * specification asks for, and a sentence. */
void witness_add_checkpoint(struct witness *witness, struct span body, struct witness_answer *ret_answer);

/* GET HASH/checkpoint, where HASH is the SHA-256 of a log's origin in hex: what was cosigned last, or 404. */
void witness_show_checkpoint(struct witness *witness, struct span hash, struct witness_answer *ret_answer);

#endif
