/* How many terminals stand beside those that took a candidate, to tell what befalls everybody. */
#ifndef COLLECTOR_JUDGEMENT_OTHERS_H
#define COLLECTOR_JUDGEMENT_OTHERS_H

#include <stdint.h>

#define OTHERS_LEAST 5000 /* of a night, where there are so many */
#define OTHERS_MOST 20000
#define OTHERS_FOR_EACH 8

/* How many in all, beside TAKEN terminals of one night. */
int64_t others_all(int64_t taken);
/* How many of a region where HERE of a night's TAKEN terminals stand: as many for each of them in all regions, so that snow meets
 * both sides alike. */
int64_t others_wanted(int64_t here, int64_t taken);

#endif
