#include "tests/support/test.h"

#include <stdio.h>

#include "common/auto.h"
#include "scheduler/window.h"

/* "bits:opens-closes" for each window. */
static const char *show(const struct window_list *list)
{
	static char text[1024];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%02x:%d-%d", i ? " " : "",
			list->windows[i].weekdays, list->windows[i].opens_min, list->windows[i].closes_min);
	return text;
}

TEST_CASE(test_reads_windows_as_people_write_them)
{
	static const struct {
		const char *text, *windows;
	} rows[] = {
		{"20:00-05:00", "7f:1200-1740"},
		{"9:30-11:00", "7f:570-660"},
		{"00:00-24:00", "7f:0-1440"},
		{"20:00-24:00", "7f:1200-1440"},
		{"20:00-00:00", "7f:1200-1440"},
		{"23:59-23:58", "7f:1439-2878"},
		{"mon-fri,20:00-05:00", "3e:1200-1740"},
		{"mon,wed,fri,20:00-05:00", "2a:1200-1740"},
		{"fri-mon,20:00-05:00", "63:1200-1740"},
		{"sun,01:00-02:00", "01:60-120"},
		{"sat-sat,01:00-02:00", "40:60-120"},
		{"mon-fri,20:00-05:00,,sat,sun,00:00-24:00", "3e:1200-1740 41:0-1440"},
		{"mon-fri,20:00-05:00 sat,sun,00:00-24:00", "3e:1200-1740 41:0-1440"},
		{"20:00-22:00,03:00-05:00", "7f:1200-1320 7f:180-300"},
		{"mon,20:00-22:00,03:00-05:00", "02:1200-1320 02:180-300"},
		{"mon,20:00-22:00 03:00-05:00", "02:1200-1320 7f:180-300"},
		{" mon , 20:00-22:00 ", "02:1200-1320"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct window_list list;
		struct error err;

		assert_ok(window_list_parse(rows[i].text, &list, &err), &err);
		assert_string_equal(show(&list), rows[i].windows);
	}
}

TEST_CASE(test_names_the_part_that_is_wrong)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"", "no window"},
		{" , ", "no window"},
		{"20:00", "'20:00' is not hours"},
		{"20:00-", "'20:00-' is not hours"},
		{"20-05", "'20-05' is not hours"},
		{"25:00-05:00", "'25:00-05:00' is not hours"},
		{"24:01-05:00", "is not hours"},
		{"24:00-05:00", "is not hours"},
		{"20:60-05:00", "is not hours"},
		{"20:0-05:00", "is not hours"},
		{"20:00-05:00x", "is not hours"},
		{"-1:00-05:00", "neither hours"},
		{"20:00-20:00", "a whole day is 00:00-24:00"},
		{"20:00~05:00", "is not hours"},
		{"20:00-05:00/2", "is not hours"},
		{"mon-fri", "weekdays without hours"},
		{"mon-fri 20:00-05:00", "weekdays without hours"},
		{"mon,,20:00-05:00", "weekdays without hours"},
		{"mon-fir,20:00-05:00", "'mon-fir' is neither"},
		{"monday,20:00-05:00", "'monday' is neither"},
		{"Mon,20:00-05:00", "'Mon' is neither"},
		{"mon1,20:00-05:00", "'mon1' is neither"},
		{"20:00-05:00,mon", "'mon' stands behind hours"},
		{"\xe6\x9c\x88,20:00-05:00", "is neither"},
		{"1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 "
		 "1:00-2:00 1:00-2:00 "
		 "1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 "
		 "1:00-2:00 1:00-2:00 "
		 "1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 1:00-2:00 "
		 "1:00-2:00 1:00-2:00",
			"more than 32 windows"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "is not hours"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct window_list list = {.count = 77};
		struct error err = {0};

		if (window_list_parse(rows[i].text, &list, &err) == 0)
			fail_msg("'%s' gives %s", rows[i].text, show(&list));
		assert_error(&err, ERROR_INPUT, rows[i].says);
		assert_int_equal(list.count, 77);
	}
}

TEST_CASE(test_knows_weekdays)
{
	struct window weekend = {0x41, 0, 1440};

	assert_int_equal(window_weekday(&(struct night_date){1970, 1, 1}), 4);
	assert_int_equal(window_weekday(&(struct night_date){2026, 1, 25}), 0);
	assert_int_equal(window_weekday(&(struct night_date){2028, 2, 29}), 2);
	assert_true(window_begins_on(&weekend, &(struct night_date){2026, 1, 24}));
	assert_true(window_begins_on(&weekend, &(struct night_date){2026, 1, 25}));
	assert_false(window_begins_on(&weekend, &(struct night_date){2026, 1, 26}));
}

TESTS(NULL, NULL)
