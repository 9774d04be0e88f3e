#include "updater/delta/differences.h"

#define CHUNK 4096

static int next_runs(struct differences *differences, struct error *err)
{
	if (section_read_number(differences->equal, &differences->equal_left, err) < 0 ||
		section_read_number(differences->unequal, &differences->unequal_left, err) < 0)
		return -1;
	if (differences->equal_left == 0 && differences->unequal_left == 0)
		return error_set(err, ERROR_REFUSED, "the delta's differences make no sense");
	return 0;
}

static size_t smaller(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

/* Some of the run that is being read; *RET_DONE tells how many. */
static int add_some(struct differences *differences, uint8_t *data, size_t len, size_t *ret_done, struct error *err)
{
	uint8_t bytes[CHUNK];
	size_t part = smaller(differences->unequal_left, len < CHUNK ? len : CHUNK);

	if (section_read(differences->differences, bytes, part, err) < 0)
		return -1;
	for (size_t i = 0; i < part; i++)
		data[i] = (uint8_t)(data[i] + bytes[i]);
	differences->unequal_left -= part;
	*ret_done = part;
	return 0;
}

int differences_add(struct differences *differences, uint8_t *data, size_t len, struct error *err)
{
	while (len) {
		size_t done;

		if (differences->equal_left) {
			done = smaller(differences->equal_left, len);
			differences->equal_left -= done;
		} else if (differences->unequal_left) {
			if (add_some(differences, data, len, &done, err) < 0)
				return -1;
		} else {
			done = 0;
			if (next_runs(differences, err) < 0)
				return -1;
		}
		data += done;
		len -= done;
	}
	return 0;
}
