/* What befalls the terminals of a fleet in the nights of a rollout, whatever they run: closed days, snow, networks that are down, a
 * collector that is. All of it comes from a seed, so that the same fate meets a fleet with a brake and one without. */
#ifndef TOOLS_FLEET_ROLLOUT_WEATHER_H
#define TOOLS_FLEET_ROLLOUT_WEATHER_H

#include <stdbool.h>
#include <stdint.h>

#define ROLLOUT_NIGHTS 16
#define ROLLOUT_NIGHTS_BEFORE 21 /* of which the collector knows who was there */
#define ROLLOUT_MINUTES 540 /* 20:00 to 05:00 */
#define ROLLOUT_REGIONS 47
#define ROLLOUT_EVERYWHERE ((UINT64_C(1) << ROLLOUT_REGIONS) - 1)

struct rollout_span {
	int from, to; /* minutes of the window; none where they are the same */
};

struct rollout_weather {
	bool is_closed;			/* the date on which the night begins */
	bool is_closed_after;		/* the date on which it ends: nobody restarts then */
	uint64_t snow;			/* a bit for each region */
	struct rollout_span network;	/* nobody of these regions reaches a server */
	uint64_t network_regions;
	struct rollout_span collector;	/* takes no reports, judges nothing; servers are there */
};

/* Random numbers of one thing that happens to one terminal, or to all. */
struct rollout_chance {
	uint64_t state;
};
struct rollout_chance rollout_chance_of(uint64_t seed, uint64_t what, uint64_t which);
uint64_t rollout_chance_below(struct rollout_chance *chance, uint64_t range);
bool rollout_chance_happens(struct rollout_chance *chance, uint32_t per_100000);

struct rollout_times {
	struct rollout_weather before[ROLLOUT_NIGHTS_BEFORE]; /* the last of them is the night before the first */
	struct rollout_weather nights[ROLLOUT_NIGHTS];
};

/* EVENTFUL: outages, holidays, snow; else usual weeks. The first night is one from Monday to Wednesday. */
void rollout_weather_make(uint64_t seed, bool eventful, struct rollout_times *ret_times);

/* Whether this minute is in the span. */
bool rollout_span_has(const struct rollout_span *span, int minute);

#endif
