/* The shift map: how far each address of an old program lies from the same thing's address in the new one. Between two
 * entries all addresses have moved alike. */
#ifndef UPDATER_REWRITE_SHIFTS_H
#define UPDATER_REWRITE_SHIFTS_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

/* The most entries a map has: a few thousand are usual. */
#define SHIFTS_MOST 65536u
/* Above any address that a map names. */
#define SHIFTS_ADDRESS_END (UINT64_C(1) << 48)

struct shift {
	uint64_t from; /* the first address that moved so far */
	int64_t by;
};

struct shifts {
	struct shift *entries; /* by address; below the first nothing has moved */
	size_t count;
	uint32_t *pages; /* a guide to the entries: the first one of each span of addresses that is no lower */
	size_t pages_count;
};

/* Takes over ENTRIES, COUNT of them in order (on the heap). ERROR_REFUSED where they are too many, out of order, or
 * beyond the addresses there are; then they are freed as well. */
WARN_UNUSED int shifts_init(struct shifts *ret_shifts, struct shift *take_entries, size_t count, struct error *err);
void shifts_clear(struct shifts *shifts);
DEFINE_AUTO(shifts, struct shifts, shifts_clear);

/* Where ADDRESS is in the new program. */
uint64_t shifts_apply(const struct shifts *shifts, uint64_t address);

#endif
