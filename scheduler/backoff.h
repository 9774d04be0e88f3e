/* After an error, or an answer that may be another one later in the night: when to try again, if at all. What cannot be tried again
 * after its pause, as the window is over by then or only one attempt is left, has its last attempt near the window's end: an outage that ends before
 * costs nobody the night. */
#ifndef SCHEDULER_BACKOFF_H
#define SCHEDULER_BACKOFF_H

#include <stdint.h>

#include "common/error.h"

struct backoff_facts {
	enum error_code code;	    /* of the error that ended the attempt */
	int64_t ended_s;	    /* when */
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

/* The last attempt begins at a moment of each terminal's own in this part of the window. */
#define BACKOFF_LAST_FROM_S 2700 /* before its end */
#define BACKOFF_LAST_UNTIL_S 900

void backoff_decide(const struct backoff_facts *facts, struct backoff *ret_backoff);
/* The attempt went well, and what it waits for may come within the night; CODE and RETRY_AFTER_S do not matter. */
void backoff_ask_again(const struct backoff_facts *facts, struct backoff *ret_backoff);

#endif
