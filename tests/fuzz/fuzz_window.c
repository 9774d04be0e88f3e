/* Windows, as people write them. */
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "scheduler/window.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct night_date date = { 2026, 1, 10 };
	AUTO(buf) struct buf text = BUF_INIT(1u << 20);
	struct window_list list;

	if (buf_append(&text, data, len, NULL) < 0 || window_list_parse(buf_text(&text), &list, NULL) < 0)
		return 0;
	if (list.count == 0 || list.count > WINDOW_LIST_MAX)
		abort();
	for (size_t i = 0; i < list.count; i++) {
		const struct window *window = &list.windows[i];

		if (window->weekdays == 0 || window->weekdays > 127 || window->opens_min < 0 || window->opens_min > 1439 ||
		    window->closes_min <= window->opens_min || window->closes_min > window->opens_min + 1440 ||
		    window_begins_on(window, &date) != (window->weekdays >> window_weekday(&date) & 1))
			abort();
	}
	return 0;
}
