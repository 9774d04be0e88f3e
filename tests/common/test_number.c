#include "tests/support/test.h"

#include "common/auto.h"
#include "common/number.h"

TEST_CASE(test_reads_digits_and_one_unit)
{
	static const struct {
		const char *text;
		const struct number_units *units;
		int64_t number;
	} rows[] = {{"0", &number_plain, 0}, {"8", &number_plain, 8}, {"64K", &number_sizes, 65536},
		{"4096", &number_sizes, 4096}, {"2G", &number_sizes, INT64_C(1) << 31}, {"90", &number_durations, 90},
		{"30s", &number_durations, 30}, {"2h", &number_durations, 7200}};
	struct error err = {0};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t number = -1;

		assert_ok(number_parse(rows[i].text, rows[i].units, &number, &err), &err);
		assert_int_equal(number, rows[i].number);
	}
}

TEST_CASE(test_says_what_is_wrong_with_a_number)
{
	static const struct {
		const char *text;
		const struct number_units *units;
		const char *says;
	} rows[] = {{"", &number_plain, "is not a number"}, {"x", &number_sizes, "is not a number"},
		{"-1", &number_sizes, "is not a number"}, {"8K", &number_plain, "is not a number"},
		{"8KK", &number_sizes, "units KMG"}, {"5d", &number_durations, "units smh"},
		{"9000000000G", &number_sizes, "too large"},
		{"99999999999999999999", &number_plain, "is not a number"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};
		int64_t number = 7;

		assert_int_equal(number_parse(rows[i].text, rows[i].units, &number, &err), -1);
		assert_error(&err, ERROR_INPUT, rows[i].says);
		assert_int_equal(number, 7);
	}
}

TEST_CASE(test_scans_the_digits_in_front_and_nothing_else)
{
	static const char *const none[] = {"", "x1", " 1", "-1", "+1", "18446744073709551616"};
	const char *text = "18446744073709551615\tand more";
	uint64_t number = 0;

	assert_string_equal(number_scan(text, &number), "\tand more");
	assert_true(number == UINT64_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_null(number_scan(none[i], &number));
}

TESTS(NULL, NULL)
