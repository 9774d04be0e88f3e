/* How many terminals stand beside those that took a candidate, to tell what befalls everybody. */
#ifndef COLLECTOR_JUDGEMENT_OTHERS_H
#define COLLECTOR_JUDGEMENT_OTHERS_H

#include <stdbool.h>
#include <stdint.h>

#define OTHERS_LEAST 5000 /* of a night, where there are so many */
#define OTHERS_MOST 20000
#define OTHERS_FOR_EACH 8

/* How many in all, beside TAKEN terminals of one night. */
int64_t others_all(int64_t taken);
/* How many of a region where HERE of a night's TAKEN terminals stand: as many for each of them in all regions, so that snow meets
 * both sides alike. */
int64_t others_wanted(int64_t here, int64_t taken);

/* How often a terminal was missing of late, in hundredths of a night, 0 to OTHERS_ABSENCE_MOST: each night without a word of it counts,
 * the less the longer ago it was. The silence of one that is off on closed days, or most of the time, tells hardly anything: so the steady
 * are judged beside the steady, and the unsteady beside the unsteady. NIGHTS: since it was heard of before, 1 or more. The store of a
 * collector does the same sum (collector/store/statements.c). */
#define OTHERS_ABSENCE_MOST 500 /* also of one that is heard of for the first time */
int64_t others_absence(int64_t before, int64_t nights);
#define OTHERS_STEADY_BELOW 200
bool others_is_steady(int64_t absence);

#endif
