#include "updater/attempt/differences_split.h"

#include "updater/attempt/delta_number.h"

/* So few zeros between others cost less among them than as a run of their own. */
#define ZEROS_INSIDE 2

static size_t count_zeros(const uint8_t *differences, size_t len)
{
	size_t count = 0;

	while (count < len && !differences[count])
		count++;
	return count;
}

/* From one difference to the last before more zeros than belong inside. */
static size_t run_length(const uint8_t *differences, size_t len)
{
	size_t at = 0, zeros;

	do {
		while (at < len && differences[at])
			at++;
		zeros = count_zeros(differences + at, len - at);
		if (zeros > ZEROS_INSIDE || at + zeros == len)
			return at;
		at += zeros;
	} while (true);
}

int differences_split(
	const uint8_t *differences, size_t len, struct differences_sections *ret_sections, struct error *err)
{
	while (len) {
		size_t equal = count_zeros(differences, len);
		size_t unequal = run_length(differences + equal, len - equal);

		if (delta_number_append(&ret_sections->equal, equal, err) < 0 ||
			delta_number_append(&ret_sections->unequal, unequal, err) < 0 ||
			buf_append(&ret_sections->differences, differences + equal, unequal, err) < 0)
			return -1;
		differences += equal + unequal;
		len -= equal + unequal;
	}
	return 0;
}
