/* The check of the whole history, a little at a time: archived files, then the rows of the store, then the signed head and the
 * receipt. Whoever asks, however often, does not keep the agent from others; one walk answers all who wait for it, and its answer
 * holds for a minute, as long as neither the history nor a file of it has changed. */
#ifndef AGENT_PROOF_VERIFICATION_H
#define AGENT_PROOF_VERIFICATION_H

#include "agent/base/terminal.h"

struct verification;

struct verification_result {
	int64_t rows;	   /* of the whole history */
	int64_t archived;  /* of those, in files */
	int64_t dropped;   /* of those, whose files were removed for lack of room */
	int64_t dropped_s; /* when the last of them was */
};

struct verification *verification_new(struct error *err);
void verification_free(struct verification *verification);
DEFINE_AUTO_PTR(verification, struct verification, verification_free);

/* Who asks now: for verification_step(). */
int64_t verification_ask(const struct verification *verification);
/* Goes on by one step for somebody who ASKED. *RET_DONE: the history is sound, and *RET_RESULT set. ERROR_DAMAGED names the first thing that is
 * wrong. */
WARN_UNUSED int verification_step(struct verification *verification, struct terminal *terminal, int64_t asked,
	bool *ret_done, struct verification_result *ret_result, struct error *err);

#endif
