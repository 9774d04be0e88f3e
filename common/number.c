#include "common/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const int64_t seconds[] = {1, 60, 3600}, bytes[] = {1024, 1024 * 1024, 1024 * 1024 * 1024};

const struct number_units number_plain = {"", NULL};
const struct number_units number_sizes = {"KMG", bytes};
const struct number_units number_durations = {"smh", seconds};

int number_parse(const char *text, const struct number_units *units, int64_t *ret_number, struct error *err)
{
	int64_t product, factor = 1;
	const char *unit;
	long long number;
	char *end;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || errno)
		return error_set(err, ERROR_INPUT, "'%s' is not a number", text);
	if (*end && !end[1] && (unit = strchr(units->letters, *end))) {
		factor = units->factors[unit - units->letters];
		end++;
	}
	if (*end)
		return error_set(err, ERROR_INPUT,
			*units->letters ? "'%s' is not a number with one of the units %s" : "'%s' is not a number",
			text, units->letters);
	if (__builtin_mul_overflow((int64_t)number, factor, &product))
		return error_set(err, ERROR_INPUT, "'%s' is too large", text);
	*ret_number = product;
	return 0;
}

const char *number_scan(const char *text, uint64_t *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtoull(text, &end, 10);
	return isdigit((unsigned char)*text) && !errno ? end : NULL;
}
