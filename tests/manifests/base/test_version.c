#include "tests/support/test.h"

#include "manifests/base/version.h"

TEST_CASE(test_accepts_one_to_four_numbers_with_dots)
{
	static const char *const good[] = {"0", "5", "5.1", "5.1.0", "5.1.0.2", "999999999.0.0.999999999"};
	struct error err = {0};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_ok(version_check(good[i], &err), &err);
}

TEST_CASE(test_refuses_what_is_no_version)
{
	static const char *const bad[] = {"", ".", "5.", ".5", "5..1", "1.2.3.4.5", "05.1", "1.00", "5.1-rc1", "v5",
		"5.1 ", " 5", "-1", "+1", "1000000000", "12345678901234567890", "5.1\n"};
	struct error err = {0};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(version_check(bad[i], &err), -1);
		assert_error(&err, ERROR_INPUT, "is not a version");
	}
	assert_int_equal(version_check(NULL, &err), -1);
}

TEST_CASE(test_compares_number_by_number)
{
	static const struct {
		const char *older;
		const char *newer;
	} rows[] = {
		{"5.0.2", "5.1.0"},
		{"5.9", "5.10"},
		{"9.9.9.9", "10"},
		{"0.0.0", "0.0.0.1"},
		{"1.2.3", "1.2.3.1"},
		{"999999998", "999999999"},
		{"nonsense", "0.1"},
		{NULL, "1"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(version_compare(rows[i].older, rows[i].newer) < 0);
		assert_true(version_compare(rows[i].newer, rows[i].older) > 0);
		assert_int_equal(version_compare(rows[i].newer, rows[i].newer), 0);
	}
}

TEST_CASE(test_a_missing_component_counts_as_zero)
{
	assert_int_equal(version_compare("5.1", "5.1.0"), 0);
	assert_int_equal(version_compare("5", "5.0.0.0"), 0);
}

TEST_CASE(test_zero_and_nonsense_are_broken)
{
	assert_true(version_is_broken("0.0.0"));
	assert_true(version_is_broken("0"));
	assert_true(version_is_broken("unknown"));
	assert_true(version_is_broken(NULL));
	assert_false(version_is_broken("0.0.1"));
}

TESTS(NULL, NULL)
