/* The terminals of a simulated fleet: where they stand, and in which nights they are there. */
#ifndef TOOLS_FLEET_ROLLOUT_TERMINAL_H
#define TOOLS_FLEET_ROLLOUT_TERMINAL_H

#include "tools/fleet/rollout_weather.h"

struct rollout_terminal {
	uint8_t place; /* 0 to 99 */
	uint8_t region;
	uint8_t habit, state;
	uint8_t away_until; /* a night */
	uint8_t current_since; /* the night before the morning */
	uint8_t attempts; /* tonight */
	bool is_pilot, is_frail, is_switched_off, is_always_open;
	bool is_on; /* tonight */
};

/* Number I of the fleet of this seed. */
void rollout_terminal_make(uint64_t seed, uint32_t i, struct rollout_terminal *ret_terminal);
/* What its pauses in NIGHT are made of: SLOT_SECRET_SIZE bytes. */
void rollout_terminal_secret(uint64_t seed, uint32_t i, int night, uint8_t *ret_secret);
/* Pilots are not spread over the country, as in the field. */
void rollout_terminals_choose_pilots(struct rollout_terminal *terminals, uint32_t count, uint32_t pilots, uint64_t seed);
/* Whether it is on in such a night, by chance; one that is away or bricked is not asked about. */
bool rollout_terminal_is_there(
	const struct rollout_weather *weather, const struct rollout_terminal *terminal, struct rollout_chance *chance);

#endif
