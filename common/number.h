/* Numbers as people write them: digits, and perhaps one letter that stands for a factor. */
#ifndef COMMON_NUMBER_H
#define COMMON_NUMBER_H

#include <stdint.h>

#include "common/error.h"

struct number_units {
	const char *letters;
	const int64_t *factors; /* one for each letter */
};

extern const struct number_units number_plain;	   /* 8 */
extern const struct number_units number_sizes;	   /* 4096, 64K, 2M, 1G: bytes, by 1024 */
extern const struct number_units number_durations; /* 30, 30s, 5m, 2h: seconds */

/* ERROR_INPUT says what is wrong with TEXT; RET_NUMBER, never negative, is then left alone. */
WARN_UNUSED int number_parse(
	const char *text, const struct number_units *units, int64_t *ret_number, struct error *err);

/* Reads the decimal digits that TEXT begins with. Returns what follows them; NULL where there are none, or more than
 * RET_NUMBER holds. */
const char *number_scan(const char *text, uint64_t *ret_number);

#endif
