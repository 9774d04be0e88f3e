/* After an error: when to try again, if at all. */
#ifndef SCHEDULER_BACKOFF_H
#define SCHEDULER_BACKOFF_H

#include <stdint.h>

#include "common/error.h"

struct backoff_facts {
	enum error_code code;	    /* of the error that ended the attempt */
	int64_t failed_s;	    /* when */
	int64_t attempts;	    /* in this night, this one counted */
	int64_t attempts_per_night; /* the limit */
	int64_t retry_after_s;	    /* what the server asked for; 0: nothing */
	int64_t closes_s;	    /* the end of the window */
	const uint8_t *secret;	    /* SLOT_SECRET_SIZE bytes: gives each terminal pauses of its own */
};

enum backoff_verdict {
	BACKOFF_AGAIN,		       /* in this night, at AGAIN_S */
	BACKOFF_NEXT_NIGHT,	       /* not in this night, and not before AGAIN_S */
	BACKOFF_NOT_FOR_THIS_DIGEST,   /* never for this release (or metadata) */
};

struct backoff {
	enum backoff_verdict verdict;
	int64_t again_s; /* not before; 0 where the moment does not matter */
};

void backoff_decide(const struct backoff_facts *facts, struct backoff *ret_backoff);

#endif
