#include "scheduler/backoff.h"

#include "common/auto.h"
#include "scheduler/slot.h"

#define FIRST_PAUSE_S 60
#define LONGEST_PAUSE_S 3600
#define BUSY_PAUSE_S 60
#define LONGEST_RETRY_AFTER_S 86400 /* what a server asks for beyond a day is not believed */

/* Doubles with each attempt; up to half is added, other for each terminal, so that they do not come back all at once.
 */
static int64_t growing_pause_s(const struct backoff_facts *facts)
{
	int64_t pause_s = FIRST_PAUSE_S;

	for (int64_t i = 1; i < facts->attempts && pause_s < LONGEST_PAUSE_S; i++)
		pause_s *= 2;
	if (pause_s > LONGEST_PAUSE_S)
		pause_s = LONGEST_PAUSE_S;
	return pause_s + (int64_t)slot_spread(facts->secret, "pause", facts->failed_s, (uint64_t)(pause_s / 2 + 1));
}

/* What the server asked for, and up to a tenth more. */
static int64_t asked_pause_s(const struct backoff_facts *facts)
{
	int64_t pause_s = facts->retry_after_s;

	if (pause_s <= 0)
		return 0;
	if (pause_s > LONGEST_RETRY_AFTER_S)
		pause_s = LONGEST_RETRY_AFTER_S;
	return pause_s + (int64_t)slot_spread(facts->secret, "asked", facts->failed_s, (uint64_t)(pause_s / 10 + 1));
}

static struct backoff again_after(const struct backoff_facts *facts, int64_t pause_s)
{
	struct backoff backoff = {BACKOFF_AGAIN, facts->failed_s + pause_s};

	if (facts->attempts >= facts->attempts_per_night || backoff.again_s >= facts->closes_s)
		backoff.verdict = BACKOFF_NEXT_NIGHT;
	return backoff;
}

void backoff_decide(const struct backoff_facts *facts, struct backoff *ret_backoff)
{
	int64_t growing_s, asked_s;

	switch (facts->code) {
	case ERROR_REFUSED:
		*ret_backoff = (struct backoff){BACKOFF_NOT_FOR_THIS_DIGEST, 0};
		return;
	case ERROR_SERVER:
	case ERROR_NOT_FOUND:
	case ERROR_NETWORK:
	case ERROR_STRANGER:
	case ERROR_EXPIRED:
	case ERROR_ALTERED:
	case ERROR_FAILED:
		growing_s = growing_pause_s(facts);
		asked_s = asked_pause_s(facts);
		*ret_backoff = again_after(facts, asked_s > growing_s ? asked_s : growing_s);
		return;
	case ERROR_BUSY:
		*ret_backoff = again_after(facts, BUSY_PAUSE_S);
		return;
	default:
		break;
	}
	/* What no second try in the same night can change; the next one finds out whether someone did. */
	*ret_backoff = (struct backoff){BACKOFF_NEXT_NIGHT, 0};
}
