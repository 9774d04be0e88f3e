/* What every part of the proof has in common: its options, what it says, and its last line (README.md). */
#ifndef TESTS_PROOFS_PART_H
#define TESTS_PROOFS_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

#define PART_MISSING 77 /* the exit status that says: this machine lacks what it needs */

struct part {
	const char *name; /* as in the last line, such as "crash points" */
	bool is_short;
	uint64_t only; /* --number: this one alone; 0: all */
	uint64_t seed;
	_Atomic uint64_t ran; /* these two may be counted by several processes */
	_Atomic uint64_t bad;
	uint64_t drawn; /* the state of part_draw() */
};

/* Reads --share, --seed and --number; ends the program with 2 where they are wrong. */
void part_begin(struct part *part, const char *name, int argc, char **argv);
/* Ends the program: this machine lacks WHAT. Where CI is "true" that is a failure. */
_Noreturn void part_lacks(const struct part *part, const char *what);
/* One thing ran, and every thousandth is said; one was bad, which is said at once. */
void part_ran(struct part *part);
void part_bad(struct part *part, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A line in between. */
void part_say(const struct part *part, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Prints the last line; the exit status of the program. */
int part_end(const struct part *part);

/* A number below BELOW, which is not 0; the same seed draws the same numbers. */
uint64_t part_draw(struct part *part, uint64_t below);
/* What is drawn from now on depends on the seed and NUMBER alone, so that --number shows the same again. */
void part_draw_anew(struct part *part, uint64_t number);

#endif
