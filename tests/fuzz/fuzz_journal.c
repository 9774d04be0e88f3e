/* The guard's journal: the bytes as they are, then with the right checksum behind each line but the first. One more line is
 * always taken, and read back. */
#include <stdlib.h>
#include <string.h>

#include "rollback/checksum.h"
#include "rollback/journal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/place.h"

static int count_line(void *context, const struct journal_line *line, struct error *err)
{
	int *found = context;

	(void)err;
	*found += strcmp(line->reason, "one more") == 0 && line->event == JOURNAL_KEPT;
	return 0;
}

static void run(const void *data, size_t len)
{
	struct journal_line line = {.event = JOURNAL_KEPT, .reason = "one more"};
	int dir_fd = place_folder()->fd, before = 0, after = 0;
	uint64_t last, number;
	struct fs fs;

	fs_init(&fs);
	place_put("journal", data, len);
	if (journal_read(&fs, dir_fd, count_line, &before, NULL) < 0 ||
		journal_last_number(&fs, dir_fd, &last, NULL) < 0)
		abort();
	if (last >= UINT64_MAX / 2) /* nobody counts so far */
		return;
	if (journal_append(&fs, dir_fd, &line, 1, NULL) < 0 ||
		journal_read(&fs, dir_fd, count_line, &after, NULL) < 0 || after != before + 1 ||
		journal_last_number(&fs, dir_fd, &number, NULL) < 0 || number != last + 1 || line.number != number)
		abort();
	if (journal_forget(&fs, dir_fd, number, NULL) < 0 || journal_last_number(&fs, dir_fd, &last, NULL) < 0 ||
		last != number)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(buf) struct buf text = BUF_INIT(8u << 20);
	const uint8_t *end;

	run(data, len);
	for (size_t at = 0; at < len; at = (size_t)(end - data) + 1) {
		char sum[CHECKSUM_TEXT_SIZE];

		if (!(end = memchr(data + at, '\n', len - at)))
			end = data + len;
		checksum_text(data + at, (size_t)(end - data) - at, sum);
		if (buf_append(&text, data + at, (size_t)(end - data) - at, NULL) < 0 ||
			(at && buf_printf(&text, NULL, "\t%s", sum) < 0) || buf_append(&text, "\n", 1, NULL) < 0)
			abort();
	}
	run(buf_text(&text), text.len);
	return 0;
}
