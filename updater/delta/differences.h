/* Reads the differences of a delta (differences_split.h), and makes new bytes of old ones by them. */
#ifndef UPDATER_DELTA_DIFFERENCES_H
#define UPDATER_DELTA_DIFFERENCES_H

#include "updater/delta/section.h"

struct differences {
	struct section *equal; /* the three are borrowed */
	struct section *unequal;
	struct section *differences;
	uint64_t equal_left; /* of the runs that are being read */
	uint64_t unequal_left;
};

/* Adds the next LEN differences to the old bytes in DATA. ERROR_REFUSED where they end too early or make no sense. */
WARN_UNUSED int differences_add(struct differences *differences, uint8_t *data, size_t len, struct error *err);

#endif
