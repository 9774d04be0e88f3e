#include "common/csv/csv.h"
#include "tests/support/test.h"

TEST_CASE(test_a_field_is_a_text_for_every_spreadsheet)
{
	static const struct {
		const char *value, *field;
	} rows[] = {
		{"", "\"\""},
		{"plain", "\"plain\""},
		{"one, two", "\"one, two\""},
		{"a \"word\"", "\"a \"\"word\"\"\""},
		{"\"", "\"\"\"\""},
		{"two\nlines", "\"two\nlines\""},
		{"=1+1", "\"'=1+1\""},
		{"+81", "\"'+81\""},
		{"-1", "\"'-1\""},
		{"@SUM(A1)", "\"'@SUM(A1)\""},
		{"\t=1", "\"'\t=1\""},
		{"\r=1", "\"'\r=1\""},
		{"\n=1", "\"'\n=1\""},
		{"\xef\xbc\x9d" "1", "\"'\xef\xbc\x9d" "1\""},
		{"\xef\xbc\xa0" "A1", "\"'\xef\xbc\xa0" "A1\""},
		{"1=1", "\"1=1\""},
		{"\xef\xbc\x91", "\"\xef\xbc\x91\""}, /* a wide digit */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(buf) struct buf text = BUF_INIT(64);
		struct error err = {0};

		assert_ok(csv_write_field(&text, rows[i].value, &err), &err);
		assert_string_equal(buf_text(&text), rows[i].field);
	}
}

TEST_CASE(test_a_field_that_finds_no_room_is_told)
{
	AUTO(buf) struct buf text = BUF_INIT(8);
	struct error err = {0};

	assert_int_equal(csv_write_field(&text, "longer than that", &err), -1);
	assert_error(&err, err.code, "");
}

TESTS(NULL, NULL)
