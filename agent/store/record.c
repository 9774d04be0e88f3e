#include "agent/store/record.h"

#include <assert.h>
#include <string.h>

#include "common/text.h"

#define LONGEST_CHARACTER 4

void record_text(const char *text, char *ret_text, size_t size)
{
	char clean[STORE_TEXT_SIZE + 2 * LONGEST_CHARACTER];

	assert(size <= STORE_TEXT_SIZE);
	text_printable(text ? text : "", clean, sizeof(clean));
	text_cut(clean, ret_text, size);
}
