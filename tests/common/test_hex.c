#include "tests/support/test.h"

#include "common/hex.h"

TEST_CASE(test_writes_lower_case_digits)
{
	char text[9];

	hex_encode("\x00\x7f\xab\xff", 4, text);
	assert_string_equal(text, "007fabff");
	hex_encode("", 0, text);
	assert_string_equal(text, "");
}

TEST_CASE(test_reads_digits_of_either_case)
{
	unsigned char bytes[4];
	struct error err = {0};

	assert_ok(hex_decode("007FabfF", bytes, 4, &err), &err);
	assert_memory_equal(bytes, "\x00\x7f\xab\xff", 4);
}

TEST_CASE(test_refuses_anything_else)
{
	static const char *const texts[] = {"", "00", "000000000", "0000000g", "0000000 ", "0x000000", "-0000000",
		"000:0000", "000/0000", "000@0000", "000G0000", "000`0000"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		unsigned char bytes[4];
		struct error err = {0};

		assert_int_equal(hex_decode(texts[i], bytes, 4, &err), -1);
		assert_error(&err, ERROR_INPUT, "hexadecimal");
	}
}

TESTS(NULL, NULL)
