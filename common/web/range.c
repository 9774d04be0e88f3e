#include "common/web/range.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

/* Digits as a number, the largest one where there are too many; false where there is no digit. */
static bool take_number(const char **text, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!isdigit((unsigned char)**text))
		return false;
	for (; isdigit((unsigned char)**text); (*text)++) {
		uint64_t digit = (uint64_t)(**text - '0');

		number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
	}
	*ret_number = number;
	return true;
}

static enum range_kind last_bytes(uint64_t wanted, uint64_t size, uint64_t *ret_first, uint64_t *ret_length)
{
	if (wanted == 0 || size == 0)
		return RANGE_OUTSIDE;
	*ret_length = wanted < size ? wanted : size;
	*ret_first = size - *ret_length;
	return RANGE_PART;
}

enum range_kind range_parse(const char *header, uint64_t size, uint64_t *ret_first, uint64_t *ret_length)
{
	uint64_t first, last = UINT64_MAX;
	bool has_first;

	if (!header || strncasecmp(header, "bytes=", 6) != 0)
		return RANGE_WHOLE;
	header += 6;
	has_first = take_number(&header, &first);
	if (*header++ != '-')
		return RANGE_WHOLE;
	if (*header && !take_number(&header, &last))
		return RANGE_WHOLE;
	if (*header || (has_first ? last < first : last == UINT64_MAX))
		return RANGE_WHOLE;
	if (!has_first)
		return last_bytes(last, size, ret_first, ret_length);
	if (first >= size)
		return RANGE_OUTSIDE;
	*ret_first = first;
	*ret_length = (last < size ? last : size - 1) - first + 1;
	return RANGE_PART;
}
