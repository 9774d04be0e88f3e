#include "tools/fleet/rollout_weather.h"

#include <string.h>

#define SUNDAY 0
#define MONDAY 1
#define BEGINS_ON 3 /* weekdays from Monday on */
/* Of 100,000 days, or nights. */
#define HOLIDAY 5000
#define SNOW 10000
#define NETWORK_DOWN 5000
#define COLLECTOR_DOWN 5000
#define IN_ALL_REGIONS 50000 /* of the outages */

static uint64_t mix(uint64_t state)
{
	state = (state ^ (state >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	state = (state ^ (state >> 27)) * UINT64_C(0x94d049bb133111eb);
	return state ^ (state >> 31);
}

struct rollout_chance rollout_chance_of(uint64_t seed, uint64_t what, uint64_t which)
{
	return (struct rollout_chance){mix(mix(mix(seed + 1) + what) + which)};
}

static uint64_t next(struct rollout_chance *chance)
{
	return mix(chance->state += UINT64_C(0x9e3779b97f4a7c15));
}

uint64_t rollout_chance_below(struct rollout_chance *chance, uint64_t range)
{
	return (uint64_t)(((__uint128_t)next(chance) * range) >> 64);
}

bool rollout_chance_happens(struct rollout_chance *chance, uint32_t per_100000)
{
	return rollout_chance_below(chance, 100000) < per_100000;
}

bool rollout_span_has(const struct rollout_span *span, int minute)
{
	return minute >= span->from && minute < span->to;
}

/* From an hour to the whole window. */
static struct rollout_span span_of(struct rollout_chance *chance)
{
	int length = 60 + (int)rollout_chance_below(chance, ROLLOUT_MINUTES - 60 + 1);
	int from = (int)rollout_chance_below(chance, ROLLOUT_MINUTES) - length / 2;

	if (from < 0)
		from = 0;
	return (struct rollout_span){from, from + length < ROLLOUT_MINUTES ? from + length : ROLLOUT_MINUTES};
}

/* Neighbours, as regions are counted from north to south. */
static uint64_t some_regions(struct rollout_chance *chance, unsigned most)
{
	unsigned count = 1 + (unsigned)rollout_chance_below(chance, most);
	unsigned first = (unsigned)rollout_chance_below(chance, ROLLOUT_REGIONS - count + 1);

	return ((UINT64_C(1) << count) - 1) << first;
}

static void make_night(struct rollout_chance *chance, struct rollout_weather *night)
{
	if (rollout_chance_happens(chance, SNOW))
		night->snow = some_regions(chance, 12);
	if (rollout_chance_happens(chance, NETWORK_DOWN)) {
		night->network = span_of(chance);
		night->network_regions =
			rollout_chance_happens(chance, IN_ALL_REGIONS) ? ROLLOUT_EVERYWHERE : some_regions(chance, 20);
	}
	if (rollout_chance_happens(chance, COLLECTOR_DOWN))
		night->collector = span_of(chance);
}

/* COUNT nights from one that begins on this weekday. */
static void make_nights(struct rollout_chance *chance, bool eventful, unsigned weekday, struct rollout_weather *ret_nights,
	unsigned count)
{
	bool closed[ROLLOUT_NIGHTS + ROLLOUT_NIGHTS_BEFORE + 1];

	for (unsigned day = 0; day <= count; day++)
		closed[day] = (weekday + day) % 7 == SUNDAY || (rollout_chance_happens(chance, HOLIDAY) && eventful);
	for (unsigned day = 0; day < count; day++) {
		if (eventful)
			make_night(chance, &ret_nights[day]);
		ret_nights[day].is_closed = closed[day];
		ret_nights[day].is_closed_after = closed[day + 1];
	}
}

void rollout_weather_make(uint64_t seed, bool eventful, struct rollout_times *ret_times)
{
	struct rollout_chance chance = rollout_chance_of(seed, 1, 0), before = rollout_chance_of(seed, 5, 0);
	unsigned weekday = MONDAY + (unsigned)rollout_chance_below(&chance, BEGINS_ON);

	memset(ret_times, 0, sizeof(*ret_times));
	make_nights(&chance, eventful, weekday, ret_times->nights, ROLLOUT_NIGHTS);
	make_nights(&before, eventful, weekday, ret_times->before, ROLLOUT_NIGHTS_BEFORE); /* three weeks earlier */
	ret_times->before[ROLLOUT_NIGHTS_BEFORE - 1].is_closed_after = ret_times->nights[0].is_closed;
}
