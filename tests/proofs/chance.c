#include "tests/proofs/chance.h"

/* splitmix64, by Sebastiano Vigna (public domain). */
uint64_t chance_next(struct chance *chance)
{
	uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

struct chance chance_of(uint64_t seed, uint64_t part)
{
	struct chance chance = {.state = seed};

	chance.state = chance_next(&chance) + part;
	(void)chance_next(&chance);
	return chance;
}

uint64_t chance_below(struct chance *chance, uint64_t count)
{
	return count ? chance_next(chance) % count : 0;
}

bool chance_is(struct chance *chance, unsigned percent)
{
	return chance_below(chance, 100) < percent;
}
