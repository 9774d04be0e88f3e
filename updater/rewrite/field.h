/* A field: a place in a program's file that holds an address, as such or as a distance. When a program is linked anew,
 * what the fields point to has moved, and with it nearly all that a delta would carry. */
#ifndef UPDATER_REWRITE_FIELD_H
#define UPDATER_REWRITE_FIELD_H

#include <stdint.h>

enum field_kind {
	FIELD_NEAR,	/* 32 bits: TARGET - BASE */
	FIELD_BACK,	/* 32 bits: BASE - TARGET */
	FIELD_ADDRESS,	/* 64 bits: TARGET */
	FIELD_SYMBOL,	/* 32 bits: which entry of 24 bytes TARGET is, in the table that begins at BASE */
	FIELD_ARM_26,	/* an instruction of 64-bit Arm with the distance in words: b, bl */
	FIELD_ARM_19,	/* b.cond, cbz, cbnz, ldr of a literal */
	FIELD_ARM_14,	/* tbz, tbnz */
	FIELD_ARM_ADR,	/* adr: the distance in bytes */
	FIELD_ARM_PAGE, /* adrp: the distance in pages of 4 KiB */
	FIELD_ARM_LOW,	/* add, ldr, str: the lowest 12 bits of TARGET */
};

struct field {
	enum field_kind kind;
	uint64_t at;	 /* its first byte, from the beginning of the file */
	uint64_t base;	 /* the address that a distance counts from; 0 where none does */
	uint64_t target; /* the address meant */
	uint8_t *bytes;	 /* of the field itself, 4 or 8; a visitor may change them */
};

typedef void field_visit(void *context, const struct field *field);

/* Little-endian numbers in a file. */
uint32_t field_get_32(const uint8_t *bytes);
uint64_t field_get_64(const uint8_t *bytes);
void field_put_32(uint8_t *bytes, uint32_t value);
void field_put_64(uint8_t *bytes, uint64_t value);

/* Makes the field's bytes mean TARGET, counted from BASE. A distance too large for them is cut: a wrong byte costs
 * bytes of the delta and nothing else. */
void field_put(const struct field *field, uint64_t base, uint64_t target);

#endif
