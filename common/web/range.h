/* The Range header of a request (RFC 9110, 14.2). */
#ifndef COMMON_WEB_RANGE_H
#define COMMON_WEB_RANGE_H

#include <stdint.h>

enum range_kind {
	RANGE_WHOLE, /* none, several, or one that is not understood: the whole file is the answer */
	RANGE_PART,
	RANGE_OUTSIDE, /* no byte of it is in the file: 416 */
};

/* HEADER may be NULL. Sets RET_FIRST and RET_LENGTH for RANGE_PART only. */
enum range_kind range_parse(const char *header, uint64_t size, uint64_t *ret_first, uint64_t *ret_length);

#endif
