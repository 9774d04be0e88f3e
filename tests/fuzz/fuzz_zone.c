/* Time zone files. Whatever they say, a moment has a date, and a date has a moment. */
#include <stdlib.h>

#include "scheduler/zone.h"
#include "tests/fuzz/fuzz.h"

#define DAY INT64_C(86400)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const int64_t moments[] = { -1, 0, 951782400, 1767225600, 1774750000, 2147483648, 4102444800, 32503680000 };
	AUTO(zone) struct zone *zone = NULL;

	if (zone_parse(data, len, &zone, NULL) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(moments); i++) {
		struct night_date date;
		int64_t second, back_s;

		zone_to_local(zone, moments[i], &date, &second);
		if (second < 0 || second >= DAY)
			abort();
		back_s = zone_to_utc(zone, &date, second);
		if (llabs(back_s - moments[i]) > 8 * DAY || llabs(zone_offset_s(zone, moments[i])) > 8 * DAY)
			abort();
	}
	return 0;
}
