/* Differences between bytes that stand opposite each other, of which most are none, in three sections: how many there
 * are without, how many then are with one, and these. Apart from each other the three often pack better. */
#ifndef UPDATER_ATTEMPT_DIFFERENCES_SPLIT_H
#define UPDATER_ATTEMPT_DIFFERENCES_SPLIT_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"

struct differences_sections {
	struct buf equal;
	struct buf unequal;
	struct buf differences;
};

/* Appends to the sections what LEN differences come to. */
WARN_UNUSED int differences_split(
	const uint8_t *differences, size_t len, struct differences_sections *ret_sections, struct error *err);

#endif
