#include "updater/rewrite/field.h"

#include <endian.h>
#include <string.h>

#define SYMBOL_SIZE 24u

uint32_t field_get_32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

uint64_t field_get_64(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return le64toh(value);
}

void field_put_32(uint8_t *bytes, uint32_t value)
{
	value = htole32(value);
	memcpy(bytes, &value, sizeof(value));
}

void field_put_64(uint8_t *bytes, uint64_t value)
{
	value = htole64(value);
	memcpy(bytes, &value, sizeof(value));
}

/* Puts the lowest WIDTH bits of VALUE into an instruction, from bit SHIFT on. */
static void put_bits(uint8_t *bytes, unsigned shift, unsigned width, uint64_t value)
{
	uint32_t mask = ((UINT32_C(1) << width) - 1) << shift;

	field_put_32(bytes, (field_get_32(bytes) & ~mask) | ((uint32_t)(value << shift) & mask));
}

/* adr and adrp keep the lowest two bits apart. */
static void put_split(uint8_t *bytes, uint64_t value)
{
	put_bits(bytes, 29, 2, value);
	put_bits(bytes, 5, 19, value >> 2);
}

/* The size that a load or store counts its offset in, as a power of two; 0 for an addition. */
static unsigned scale_of(uint32_t instruction)
{
	if ((instruction & 0x3b000000) != 0x39000000)
		return 0;
	return (instruction & 0x04800000) == 0x04800000 ? 4 : instruction >> 30;
}

void field_put(const struct field *field, uint64_t base, uint64_t target)
{
	uint8_t *bytes = field->bytes;

	switch (field->kind) {
	case FIELD_NEAR:
		field_put_32(bytes, (uint32_t)(target - base));
		break;
	case FIELD_BACK:
		field_put_32(bytes, (uint32_t)(base - target));
		break;
	case FIELD_ADDRESS:
		field_put_64(bytes, target);
		break;
	case FIELD_SYMBOL:
		field_put_32(bytes, (uint32_t)((target - base) / SYMBOL_SIZE));
		break;
	case FIELD_ARM_26:
		put_bits(bytes, 0, 26, (target - base) >> 2);
		break;
	case FIELD_ARM_19:
		put_bits(bytes, 5, 19, (target - base) >> 2);
		break;
	case FIELD_ARM_14:
		put_bits(bytes, 5, 14, (target - base) >> 2);
		break;
	case FIELD_ARM_ADR:
		put_split(bytes, target - base);
		break;
	case FIELD_ARM_PAGE:
		put_split(bytes, (target >> 12) - (base >> 12));
		break;
	case FIELD_ARM_LOW:
		put_bits(bytes, 10, 12, (target & 0xfff) >> scale_of(field_get_32(bytes)));
		break;
	}
}
