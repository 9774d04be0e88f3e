#include "rollback/checksum.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

void checksum_text(const void *data, size_t len, char ret_text[static CHECKSUM_TEXT_SIZE])
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
	(void)snprintf(ret_text, CHECKSUM_TEXT_SIZE, "%016" PRIx64, sum);
}
