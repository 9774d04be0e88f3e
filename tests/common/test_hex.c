#include "tests/support/test.h"

#include "common/hex.h"

static void test_writes_lower_case_digits(void **state)
{
	char text[9];

	(void)state;
	hex_encode("\x00\x7f\xab\xff", 4, text);
	assert_string_equal(text, "007fabff");
	hex_encode("", 0, text);
	assert_string_equal(text, "");
}

static void test_reads_digits_of_either_case(void **state)
{
	unsigned char bytes[4];
	struct error err = {0};

	(void)state;
	assert_ok(hex_decode("007FabfF", bytes, 4, &err), &err);
	assert_memory_equal(bytes, "\x00\x7f\xab\xff", 4);
}

static void test_refuses_anything_else(void **state)
{
	static const char *const texts[] = {"", "00", "000000000", "0000000g", "0000000 ", "0x000000", "-0000000",
		"000:0000", "000/0000", "000@0000", "000G0000", "000`0000"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		unsigned char bytes[4];
		struct error err = {0};

		assert_int_equal(hex_decode(texts[i], bytes, 4, &err), -1);
		assert_error(&err, ERROR_INPUT, "hexadecimal");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_lower_case_digits),
		cmocka_unit_test(test_reads_digits_of_either_case),
		cmocka_unit_test(test_refuses_anything_else),
	};

	return cmocka_run_group_tests_name("hex", tests, NULL, NULL);
}
