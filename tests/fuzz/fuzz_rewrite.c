/* An old program that may be anything, led through a map: it is refused, or comes out as long as it was. */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "updater/rewrite/rewrite.h"
#include "updater/rewrite/unwind_index.h"

static struct shifts map_of_two(void)
{
	struct shift *entries = calloc(2, sizeof(*entries));
	struct shifts map;

	if (!entries)
		abort();
	entries[0] = (struct shift){ .from = 0x1400, .by = 4160 };
	entries[1] = (struct shift){ .from = 0x6000, .by = -64 };
	if (shifts_init(&map, entries, 2, NULL) < 0)
		abort();
	return map;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(fd) int fd = memfd_create("program", MFD_CLOEXEC);
	AUTO(fd) int scratch_fd = memfd_create("scratch", MFD_CLOEXEC);
	AUTO(shifts) struct shifts map = map_of_two();
	AUTO(unwind_index) struct unwind_index index = { 0 };
	struct error err;
	struct stat st;

	if (fd < 0 || scratch_fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	if (rewrite_program(fd, len, &map, true, scratch_fd, &err) == 0 &&
	    (fstat(scratch_fd, &st) < 0 || (size_t)st.st_size != len))
		abort();
	if (unwind_index_make(fd, len, &index, &err) == 0 && index.offset + index.count * 8 > len)
		abort();
	return 0;
}
