/* The brake's statement: which candidates are stopped, and that somebody is watching. A document of the role "brake", which the
 * targets role delegates for one path alone. It stands beside the metadata as "brake.json" and in no snapshot, so that whoever
 * holds its key needs no other: the terminal checks its signature, that it is not older than the one it knew, and its age.
 * docs/repository-format.md, "The brake", describes the JSON. */
#ifndef MANIFESTS_ROLLOUT_BRAKE_H
#define MANIFESTS_ROLLOUT_BRAKE_H

#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "manifests/catalog/candidate.h"
#include "manifests/keys/signer.h"

#define BRAKE_ROLE "brake"
#define BRAKE_PATH "rollout/brake.json" /* what the role is delegated for; no target stands there */
#define BRAKE_FILE "brake.json"		/* below metadata/ */
#define BRAKE_MAX_BYTES (256u << 10)
#define BRAKE_MAX_STOPS 256
#define BRAKE_MAX_WHY_BYTES 200
#define BRAKE_LIFE_S (36 * 3600) /* a statement that is older holds no stage open, whatever it says itself */

struct brake_stop {
	const char *package;
	const char *version;
	const char *digest; /* of the release that is stopped */
	int64_t attempt;    /* and those before */
	int64_t at_s;
	const char *why; /* for people */
	const char *by;	 /* "rolled-back", "silent": the rule; or who pressed the button */
};

/* A candidate of which so many stages may be open, and no more for now: those after them wait until the ones before are shown to be
 * well. Whoever signs changes it from one statement to the next. */
struct brake_hold {
	const char *package;
	const char *digest;
	int64_t attempt;
	int64_t stages; /* 1 or more */
};

struct brake {
	int64_t version; /* rises with each statement */
	int64_t issued_s;
	int64_t expires_s;
	struct brake_stop *stops;
	size_t stops_count;
	struct brake_hold *holds;
	size_t holds_count; /* at most BRAKE_MAX_STOPS */
	void *memory; /* owns every text above, where it was parsed */
};

/* Reads a statement; no signature is checked: that is tuf_client_fetch_statement()'s. ERROR_REFUSED says what is wrong. */
WARN_UNUSED int brake_parse(const void *data, size_t len, struct brake **ret_brake, struct error *err);
/* The statement as it stands below metadata/, signed by SIGNER. ERROR_INPUT where it breaks a rule. */
WARN_UNUSED int brake_sign(
	const struct brake *brake, const struct signer *signer, struct buf *ret_json, struct error *err);
void brake_free(struct brake *brake);
DEFINE_AUTO_PTR(brake, struct brake, brake_free);

enum brake_state {
	BRAKE_ABSENT,  /* there is no statement that can be believed */
	BRAKE_STALE,   /* there is one, and it is too old */
	BRAKE_GOOD,    /* a fresh one, which does not stop the candidate */
	BRAKE_STOPPED, /* the candidate is stopped, by a fresh statement or an old one */
};
const char *brake_state_name(enum brake_state state); /* "absent", "stale", "good", "stopped" */

/* What a statement (NULL: none) says of PACKAGE's candidate at NOW_S. RET_STOP, where it is not NULL, is the stop that holds, or
 * NULL. */
enum brake_state brake_ask(const struct brake *brake, const char *package, const struct candidate *candidate,
	int64_t now_s, const struct brake_stop **ret_stop);

/* How many stages of PACKAGE's candidate may be open, as a statement (NULL: none) says; 0: it says nothing of them. */
int64_t brake_stages_let(const struct brake *brake, const char *package, const struct candidate *candidate);

#endif
