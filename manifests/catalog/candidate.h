/* The release of a package that is being tried on a growing part of the fleet, as the catalog names it beside the stable one.
 * docs/repository-format.md, "The candidate", describes the JSON. */
#ifndef MANIFESTS_CATALOG_CANDIDATE_H
#define MANIFESTS_CATALOG_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifests/catalog/night_date.h"

#define CANDIDATE_MAX_STAGES 32
#define CANDIDATE_MAX_RINGS 16 /* of one stage */
#define CANDIDATE_MAX_WHY_BYTES 200
#define CANDIDATE_RING_SIZE 33	       /* a ring's name: 1 to 32 of a-z, 0-9 and '-' */
#define CANDIDATE_BOUND_WHOLE 10000    /* bounds are in hundredths of a percent */
#define CANDIDATE_MAX_ATTEMPT 1000000

/* From the night NIGHT on the candidate is for the terminals of RINGS, and for those whose place is below PERCENT. */
struct candidate_stage {
	struct night_date night;
	int64_t percent; /* 0 to 100 */
	const char **rings;
	size_t rings_count;
};

enum candidate_state {
	CANDIDATE_RUNNING,
	CANDIDATE_STOPPED,   /* by the operator; may be resumed */
	CANDIDATE_WITHDRAWN, /* by the operator, for good */
};

struct candidate {
	const char *version;
	const char *release_target; /* target path of the release JSON */
	const char *digest;	    /* that this target must have, hexadecimal: the identity of the release */
	const char *place_of; /* the digest that gives terminals their places: its own, or that of the candidate it was begun with */
	int64_t begun_s;      /* when the operator began it, UTC */
	int64_t attempt;      /* 1, and one more with each time that it was resumed: a stop holds for its attempt and those before */
	enum candidate_state state;
	const char *why;       /* it was stopped or withdrawn; "" while it runs */
	bool is_recalled;      /* stopped or withdrawn, and terminals that run it go back to the release they had before */
	bool does_without_brake; /* no statement of the brake is needed for a stage to open; one that stops it is heeded all the same */
	struct candidate_stage *stages; /* nights rise, shares do not fall; at least one */
	size_t stages_count;
	int64_t most_rolled_back; /* the share that may, in hundredths of a percent of those that took it; 0: not judged */
	int64_t most_silent;	  /* the same for terminals that should have reported since */
	int64_t least;		  /* terminals that must have taken it before it is judged; 1 or more */
};

#endif
