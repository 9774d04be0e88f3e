/* What a terminal does about a candidate: one pure function, the same on terminals, in the collector and in simulations. */
#ifndef MANIFESTS_ROLLOUT_ROLLOUT_H
#define MANIFESTS_ROLLOUT_ROLLOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "manifests/catalog/candidate.h"
#include "manifests/rollout/brake.h"

#define ROLLOUT_PLACES 100 /* a terminal's place is 0 to 99, from its secret and the candidate's place_of (scheduler/slot.h) */

struct rollout_facts {
	const char *ring;	 /* of the terminal; "" for none */
	int64_t place;		 /* 0 to ROLLOUT_PLACES - 1 */
	struct night_date night; /* that the moment belongs to */
	enum brake_state brake;
	int64_t stages_let; /* by the brake: so many at most may be open (brake_stages_let()); 0: all whose night has come */
	bool is_new;	/* the terminal has nothing of the package, or nothing that works (0.0.0) */
	bool is_current; /* it runs the candidate, confirmed or on trial */
	bool is_staged; /* the candidate waits for a restart */
	bool is_quarantined; /* it was taken back here before: it does not come again by itself */
};

enum rollout_step {
	ROLLOUT_STABLE,	   /* the candidate is not for this terminal, or not now: what the stable part says holds */
	ROLLOUT_CANDIDATE, /* is to be brought */
	ROLLOUT_KEEP,	   /* the candidate that is here stays as it is, current or staged */
	ROLLOUT_TAKE_OUT,  /* the staged candidate goes before it is activated */
	ROLLOUT_RECALL,	   /* the former release becomes current again at the next restart */
};

/* Why the candidate is not brought, or goes: the first gate that shut. */
enum rollout_gate {
	ROLLOUT_GATE_NONE,
	ROLLOUT_GATE_WITHDRAWN,	   /* by the operator */
	ROLLOUT_GATE_STOPPED,	   /* by the operator */
	ROLLOUT_GATE_BRAKED,	   /* by a statement of the brake */
	ROLLOUT_GATE_QUARANTINED,  /* it was taken back on this terminal */
	ROLLOUT_GATE_NEW,	   /* new and repaired terminals get the stable release */
	ROLLOUT_GATE_SHARE,	   /* no stage is for this terminal */
	ROLLOUT_GATE_NIGHT,	   /* the stage that is for it has not come */
	ROLLOUT_GATE_BRAKE_ABSENT, /* nobody says that the rollout is watched */
	ROLLOUT_GATE_BRAKE_STALE,  /* the last who said so said it too long ago */
	ROLLOUT_GATE_HELD,	   /* it is not shown yet that those who took it are well */
};

struct rollout_decision {
	enum rollout_step step;
	enum rollout_gate gate;
	size_t stage;	  /* how many stages have come by their night: 0 to stages_count */
	size_t own_stage; /* the first one that is for this terminal, from 1 on; 0: none */
};

/* CANDIDATE has at least one stage. Reads nothing else, changes nothing, cannot fail. */
struct rollout_decision rollout_decide(const struct candidate *candidate, const struct rollout_facts *facts);

const char *rollout_step_name(enum rollout_step step); /* "stable", "candidate", "keep", "take-out", "recall" */
const char *rollout_gate_name(enum rollout_gate gate); /* "none", "withdrawn", "stopped", "braked", "quarantined", "new", "share",
							  "night", "brake-absent", "brake-stale", "held" */

#endif
