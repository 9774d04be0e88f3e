/* The collector of a life, as far as rollouts are its concern: night by night it signs the brake's statement on what the published
 * catalog has tried, with the publisher's own key of the brake; in some nights it is away, and in some a thief answers in its place. */
#ifndef TESTS_PROOFS_BRAKING_H
#define TESTS_PROOFS_BRAKING_H

#include "common/buf.h"
#include "common/digest.h"
#include "manifests/catalog/catalog.h"
#include "manifests/keys/signer.h"
#include "manifests/rollout/brake.h"
#include "tests/proofs/chance.h"
#include "tests/proofs/trace.h"
#include "tests/support/folder.h"

#define BRAKING_KEYS 2
#define BRAKING_MOST 16 /* attempts at candidates */

/* One attempt at a candidate, as the collector remembers it. */
struct braking_attempt {
	char package[PACKAGE_NAME_SIZE], version[VERSION_TEXT_SIZE], digest[SHA256_HEX_SIZE];
	int64_t attempt;
	int64_t stages, stages_count; /* that may be open; that there are */
	int64_t stopped_s;	      /* 0: it was not */
};

struct braking {
	const char *states; /* as struct server has it */
	struct signer *keys[BRAKING_KEYS];
	struct trace *trace;
	/* Of one life: */
	struct chance chance;
	struct braking_attempt attempts[BRAKING_MOST];
	size_t count;
	int64_t version;
	struct buf last, former; /* statements that the collector signed; empty: none yet */
	struct buf shown;	 /* what terminals are answered tonight; empty: there is none */
};

/* Reads the keys of KEYS from the folder "keys" below FOLDER; ends the program where it cannot. */
void braking_init(struct braking *braking, const struct folder *folder, const char *const keys[static BRAKING_KEYS],
	const char *states, struct trace *trace);
void braking_clear(struct braking *braking);
/* Nothing was signed yet. All that is left to chance comes from CHANCE. */
void braking_begin(struct braking *braking, struct chance chance);

/* What is answered in a night that begins at NOW_S, in which STATE is published and keys[KEY] may brake. IS_WELL: the collector is
 * there, stops nothing, and nobody answers in its place. */
void braking_night(struct braking *braking, int state, size_t key, int64_t now_s, bool is_well);

#endif
