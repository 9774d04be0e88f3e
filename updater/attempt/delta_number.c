#include "updater/attempt/delta_number.h"

int delta_number_append(struct buf *buf, uint64_t number, struct error *err)
{
	uint8_t bytes[10];
	size_t len = 0;

	do {
		bytes[len++] = (uint8_t)((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
		number >>= 7;
	} while (number);
	return buf_append(buf, bytes, len, err);
}

int delta_number_append_signed(struct buf *buf, int64_t number, struct error *err)
{
	return delta_number_append(buf, number < 0 ? (uint64_t)(-number) * 2 - 1 : (uint64_t)number * 2, err);
}
