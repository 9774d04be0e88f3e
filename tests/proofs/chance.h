/* Chance that can be repeated: the same seed gives the same numbers. */
#ifndef TESTS_PROOFS_CHANCE_H
#define TESTS_PROOFS_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
	uint64_t state;
};

/* A stream of its own for each PART of what a seed stands for. */
struct chance chance_of(uint64_t seed, uint64_t part);
uint64_t chance_next(struct chance *chance);
/* From 0 to COUNT - 1. */
uint64_t chance_below(struct chance *chance, uint64_t count);
/* True in PERCENT of 100 cases. */
bool chance_is(struct chance *chance, unsigned percent);

#endif
