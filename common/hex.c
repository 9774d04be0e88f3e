#include "common/hex.h"

#include <string.h>

static int digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

void hex_encode(const void *data, size_t len, char *ret_text)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++) {
		ret_text[2 * i] = digits[bytes[i] >> 4];
		ret_text[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret_text[2 * len] = '\0';
}

int hex_decode(const char *text, void *ret_data, size_t len, struct error *err)
{
	unsigned char *bytes = ret_data;

	if (strlen(text) != 2 * len)
		return error_set(
			err, ERROR_INPUT, "%zu hexadecimal digits where %zu are expected", strlen(text), 2 * len);
	for (size_t i = 0; i < len; i++) {
		int high = digit_value(text[2 * i]);
		int low = digit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return error_set(err, ERROR_INPUT, "'%.2s' is not hexadecimal", text + 2 * i);
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}
