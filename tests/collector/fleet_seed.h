/* A fleet as the collector's store would hold it after some nights: terminals of institutions all over the country, packages in
 * several versions, a campaign that is under way, silence for all its causes. The same seed gives the same fleet. For tests of
 * what is shown, and of how fast; what is written is what reports would have made of it. */
#ifndef TESTS_COLLECTOR_FLEET_SEED_H
#define TESTS_COLLECTOR_FLEET_SEED_H

#include <stdbool.h>
#include <stdint.h>

struct fleet_seed {
	const char *store; /* path or URL; its tables are made */
	int64_t terminals;
	int64_t nights;	       /* of figures */
	int64_t report_nights; /* of reports: the last ones */
	int64_t now_s;
};

/* Fills an empty store. Ends the program where it cannot. */
void fleet_seed(const struct fleet_seed *seed);

#endif
