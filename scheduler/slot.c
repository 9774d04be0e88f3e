#include "scheduler/slot.h"

#include <string.h>

#include "common/digest.h"
#include "scheduler/zone.h"

#define LATE_SPREAD_S 300  /* those who come after their moment spread over so long, at most */
#define TAIL_S 1800	   /* left free at the end of a window, so that the last ones can finish */
#define TAIL_SHARE 18	   /* but no more than this part of it */
#define EARLY_TAIL_SHARE 2 /* or of the time that a terminal is on, where it is switched off before the end */

uint64_t slot_spread(
	const uint8_t secret[static SLOT_SECRET_SIZE], const char *purpose, int64_t number, uint64_t range)
{
	uint8_t message[SLOT_SECRET_SIZE + 8 + 32] = {0};
	size_t purpose_len = strnlen(purpose, 32);
	struct sha256 digest;
	uint64_t fraction = 0;

	memcpy(message, secret, SLOT_SECRET_SIZE);
	for (size_t i = 0; i < 8; i++)
		message[SLOT_SECRET_SIZE + i] = (uint8_t)((uint64_t)number >> (56 - 8 * i));
	memcpy(message + SLOT_SECRET_SIZE + 8, purpose, purpose_len);
	sha256_of(message, SLOT_SECRET_SIZE + 8 + purpose_len, &digest);
	for (size_t i = 0; i < 8; i++)
		fraction = fraction << 8 | digest.bytes[i];
	/* The fraction of 2^64, scaled: the high half of the product. */
	return (uint64_t)(((__uint128_t)fraction * range) >> 64);
}

static int64_t at_least_one(int64_t number)
{
	return number > 0 ? number : 1;
}

/* Seconds after the opening over which moments are spread. */
static int64_t spread_s(const struct slot_facts *facts)
{
	int64_t length_s = facts->closes_s - facts->opens_s, share = TAIL_SHARE;

	if (facts->on_for_s > 0 && facts->on_for_s < length_s) {
		length_s = facts->on_for_s;
		share = EARLY_TAIL_SHARE;
	}
	return at_least_one(length_s - (length_s / share < TAIL_S ? length_s / share : TAIL_S));
}

int64_t slot_moment_s(const struct slot_facts *facts)
{
	return facts->opens_s +
	       (int64_t)slot_spread(facts->secret, "slot", night_date_days(&facts->night), (uint64_t)spread_s(facts));
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t slot_due_s(const struct slot_facts *facts)
{
	int64_t moment_s = slot_moment_s(facts), ready_s = facts->boot_s + facts->start_delay_s;
	/* Whoever recorded it may have looked only later in this start. */
	int64_t seen_s =
		facts->first_seen_s && facts->first_seen_s < facts->boot_s ? facts->first_seen_s : facts->boot_s;
	int64_t left_s = at_least_one(facts->closes_s - seen_s);
	int64_t late_spread_s = left_s / TAIL_SHARE < LATE_SPREAD_S ? left_s / TAIL_SHARE : LATE_SPREAD_S;

	if (seen_s > moment_s)
		moment_s = seen_s + facts->start_delay_s +
			   (int64_t)slot_spread(facts->secret, "late", night_date_days(&facts->night),
				   (uint64_t)at_least_one(late_spread_s));
	return later(moment_s, ready_s);
}
