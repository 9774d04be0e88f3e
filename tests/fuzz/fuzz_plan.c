/* The guard's plan, with its right checksum put behind it. What the guard can read it can write. */
#include <stdlib.h>
#include <string.h>

#include "rollback/checksum.h"
#include "rollback/plan.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/place.h"

static void write_sealed(const uint8_t *data, size_t len)
{
	AUTO(buf) struct buf text = BUF_INIT(1u << 20);
	char sum[CHECKSUM_TEXT_SIZE];

	checksum_text(data, len, sum);
	if (buf_append(&text, data, len, NULL) < 0 || buf_printf(&text, NULL, "checksum %s\n", sum) < 0)
		abort();
	place_put("plan", text.data, text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(free) struct plan *plan = calloc(1, sizeof(*plan));
	AUTO(free) char *first = NULL;
	AUTO(free) char *second = NULL;
	int dir_fd = place_folder()->fd;
	struct error err = { 0 };
	struct fs fs;

	fs_init(&fs);
	write_sealed(data, len);
	if (!plan || plan_read(&fs, dir_fd, plan, &err) < 0) {
		if (err.code != ERROR_DAMAGED)
			abort();
		return 0;
	}
	if (plan_write(&fs, dir_fd, plan, NULL) < 0)
		abort();
	first = folder_get(place_folder(), "plan", NULL);
	if (plan_read(&fs, dir_fd, plan, NULL) < 0 || plan_write(&fs, dir_fd, plan, NULL) < 0)
		abort();
	second = folder_get(place_folder(), "plan", NULL);
	if (strcmp(first, second) != 0)
		abort();
	return 0;
}
