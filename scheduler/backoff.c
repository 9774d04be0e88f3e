#include "scheduler/backoff.h"

#include "common/auto.h"
#include "scheduler/slot.h"

#define FIRST_PAUSE_S 60
#define LONGEST_PAUSE_S 3600
#define BUSY_PAUSE_S 60
#define ASK_PAUSE_S 3600 /* before what may come within the night is asked for again */
#define ASK_SPREAD_S 1800 /* and up to so much more */
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
	return pause_s + (int64_t)slot_spread(facts->secret, "pause", facts->ended_s, (uint64_t)(pause_s / 2 + 1));
}

/* What the server asked for, and up to a tenth more. */
static int64_t asked_pause_s(const struct backoff_facts *facts)
{
	int64_t pause_s = facts->retry_after_s;

	if (pause_s <= 0)
		return 0;
	if (pause_s > LONGEST_RETRY_AFTER_S)
		pause_s = LONGEST_RETRY_AFTER_S;
	return pause_s + (int64_t)slot_spread(facts->secret, "asked", facts->ended_s, (uint64_t)(pause_s / 10 + 1));
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t last_s(const struct backoff_facts *facts)
{
	return facts->closes_s - BACKOFF_LAST_FROM_S +
	       (int64_t)slot_spread(facts->secret, "last", facts->closes_s, BACKOFF_LAST_FROM_S - BACKOFF_LAST_UNTIL_S);
}

/* LEAST_S: the part of PAUSE_S that is kept also before the last attempt. */
static struct backoff again_after(const struct backoff_facts *facts, int64_t pause_s, int64_t least_s)
{
	struct backoff backoff = {BACKOFF_AGAIN, facts->ended_s + pause_s};
	int64_t left = facts->attempts_per_night - facts->attempts;

	if (facts->ended_s < facts->closes_s - BACKOFF_LAST_FROM_S &&
		(left == 1 || backoff.again_s >= facts->closes_s - BACKOFF_LAST_UNTIL_S))
		backoff.again_s = later(last_s(facts), facts->ended_s + least_s);
	if (left <= 0 || backoff.again_s >= facts->closes_s)
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
		*ret_backoff = again_after(facts, later(asked_s, growing_s), later(asked_s, FIRST_PAUSE_S));
		return;
	case ERROR_BUSY:
		*ret_backoff = again_after(facts, BUSY_PAUSE_S, BUSY_PAUSE_S);
		return;
	default:
		break;
	}
	/* What no second try in the same night can change; the next one finds out whether someone did. */
	*ret_backoff = (struct backoff){BACKOFF_NEXT_NIGHT, 0};
}

void backoff_ask_again(const struct backoff_facts *facts, struct backoff *ret_backoff)
{
	int64_t pause_s = ASK_PAUSE_S + (int64_t)slot_spread(facts->secret, "held", facts->ended_s, ASK_SPREAD_S);

	*ret_backoff = again_after(facts, pause_s, FIRST_PAUSE_S);
}
