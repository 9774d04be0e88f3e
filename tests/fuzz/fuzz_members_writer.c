/* A stream of pieces that may be anything, in parts of any size: it is refused or written, the same however it comes. */
#include <stdbool.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "updater/members/members_writer.h"

static int count(void *context, const void *data, size_t len, struct error *err)
{
	(void)data;
	(void)err;
	*(size_t *)context += len;
	return 0;
}

static bool writes(const uint8_t *data, size_t len, size_t part, size_t *ret_written)
{
	AUTO(members_writer) struct members_writer *writer = NULL;

	*ret_written = 0;
	if (members_writer_new(count, ret_written, &writer, NULL) < 0)
		abort();
	for (size_t step; len; data += step, len -= step) {
		step = part < len ? part : len;
		if (members_writer_put(writer, data, step, NULL) < 0)
			return false;
	}
	return members_writer_end(writer, NULL) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t at_once, in_parts;
	bool is_whole = writes(data, len, len ? len : 1, &at_once);

	if (writes(data, len, 7, &in_parts) != is_whole || (is_whole && at_once != in_parts))
		abort();
	return 0;
}
