#include "tools/fleet/rollout_terminal.h"

#include <string.h>

#include "manifests/rollout/rollout.h"

/* Of 100,000 terminals, or nights of one. */
#define OFF_OFTEN 5000	     /* terminals that are off four nights of five */
#define OFF_AT_TIMES 10000   /* those that are off three nights of ten */
#define OFF_IN_OFTEN 80000
#define OFF_IN_AT_TIMES 30000
#define OFF_IN_RARE 3000
#define SWITCHED_OFF 50000   /* those that are off while nobody is there on a closed day */
#define OPEN_ALL_DAYS 10000
#define OFF_IN_SNOW 40000
#define FRAIL 5000	     /* terminals of the one hardware model */
#define PILOT_REGIONS 8

enum habit { HABIT_RARELY_OFF, HABIT_AT_TIMES_OFF, HABIT_OFTEN_OFF };

void rollout_terminal_make(uint64_t seed, uint32_t i, struct rollout_terminal *ret_terminal)
{
	struct rollout_chance chance = rollout_chance_of(seed, 2, i);
	struct rollout_terminal terminal = {0};

	terminal.place = (uint8_t)rollout_chance_below(&chance, ROLLOUT_PLACES);
	terminal.region = (uint8_t)rollout_chance_below(&chance, ROLLOUT_REGIONS);
	terminal.habit = rollout_chance_happens(&chance, OFF_OFTEN)	 ? HABIT_OFTEN_OFF
			 : rollout_chance_happens(&chance, OFF_AT_TIMES) ? HABIT_AT_TIMES_OFF
									 : HABIT_RARELY_OFF;
	terminal.is_frail = rollout_chance_happens(&chance, FRAIL);
	terminal.is_switched_off = rollout_chance_happens(&chance, SWITCHED_OFF);
	terminal.is_always_open = rollout_chance_happens(&chance, OPEN_ALL_DAYS);
	*ret_terminal = terminal;
}

void rollout_terminal_secret(uint64_t seed, uint32_t i, int night, uint8_t *ret_secret)
{
	memcpy(ret_secret, &seed, sizeof(seed));
	memcpy(ret_secret + sizeof(seed), &i, sizeof(i));
	memcpy(ret_secret + sizeof(seed) + sizeof(i), &night, sizeof(night));
}

void rollout_terminals_choose_pilots(struct rollout_terminal *terminals, uint32_t count, uint32_t pilots, uint64_t seed)
{
	struct rollout_chance chance = rollout_chance_of(seed, 3, 0);
	uint64_t regions = 0;

	for (int i = 0; i < PILOT_REGIONS; i++)
		regions |= UINT64_C(1) << rollout_chance_below(&chance, ROLLOUT_REGIONS);
	for (uint32_t i = 0; i < count && pilots > 0; i++)
		if (regions >> terminals[i].region & 1) {
			terminals[i].is_pilot = true;
			pilots--;
		}
}

bool rollout_terminal_is_there(
	const struct rollout_weather *weather, const struct rollout_terminal *terminal, struct rollout_chance *chance)
{
	static const uint32_t off[] = {OFF_IN_RARE, OFF_IN_AT_TIMES, OFF_IN_OFTEN};
	bool is_nobody_there = (weather->is_closed || weather->is_closed_after) && !terminal->is_always_open;
	bool is_off = rollout_chance_happens(chance, off[terminal->habit]);
	bool snows = rollout_chance_happens(chance, OFF_IN_SNOW) && (weather->snow >> terminal->region & 1);

	return !is_off && !snows && !(is_nobody_there && terminal->is_switched_off);
}
