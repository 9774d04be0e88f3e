/* Who the terminals of a seeded fleet are, and what befell each: the same for the same number, whoever asks. */
#ifndef TESTS_COLLECTOR_FLEET_FATE_H
#define TESTS_COLLECTOR_FLEET_FATE_H

#include <stddef.h>
#include <stdint.h>

#include "common/digest.h"

#define FLEET_WINDOW_S (9 * 3600) /* from 20:00 to 05:00 in Japan */

/* What a number is drawn for. */
enum fate_purpose {
	FATE_SILENT = 1,
	FATE_CAUSE,
	FATE_VERDICT,
	FATE_SLOT,
	FATE_RELEASE,
	FATE_RING,
	FATE_VENDOR,
	FATE_PLACE,
	FATE_DAYS,
	FATE_OLD
};

/* A number from 0 to 9999 that is always the same for the same terminal and purpose, which may be any other number too. */
int64_t fate(int64_t terminal, int64_t purpose);

/* A row is taken where the fate is below its bound. */
struct choice {
	int64_t below;
	const char *name;
};
const char *fate_choose(const struct choice *choices, int64_t number);

/* Why the silent ones are; what the others say. Each ends with the row that is below 10000. */
extern const struct choice fate_causes[12], fate_verdicts[4], fate_reasons[8], fate_details[4];

struct terminal {
	int64_t number, id;
	char key[SHA256_HEX_SIZE], name[40], institution[24], certificate[SHA256_HEX_SIZE];
	const char *state; /* of the new release */
	const char *cause; /* "" while it is not silent */
	int64_t slot_s;	   /* within the window */
};
void fate_of_terminal(int64_t number, struct terminal *ret_terminal);
/* The key of terminal NUMBER. */
void fate_key(int64_t number, char ret_key[static SHA256_HEX_SIZE]);
/* Of "WHAT NUMBER". */
void fate_hash(const char *what, int64_t number, struct sha256 *ret_digest);

struct package {
	const char *name, *version, *newest, *state;
};
/* What it runs; returns how many. */
size_t fate_packages(const struct terminal *terminal, struct package ret_packages[static 4]);

#endif
