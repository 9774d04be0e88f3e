#include "agent/store/record.h"

#include <assert.h>
#include <string.h>

#include "common/text.h"

#define LONGEST_CHARACTER 4

void record_cut(const char *text, char *ret_text, size_t size)
{
	size_t len = strnlen(text, size);

	if (len == size) {
		len = size - 1;
		while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(ret_text, text, len);
	ret_text[len] = '\0';
}

void record_text(const char *text, char *ret_text, size_t size)
{
	char clean[STORE_TEXT_SIZE + 2 * LONGEST_CHARACTER];

	assert(size <= STORE_TEXT_SIZE);
	text_printable(text ? text : "", clean, sizeof(clean));
	record_cut(clean, ret_text, size);
}
