#include "updater/rewrite/scan_part.h"

/* The longest pattern: two bytes of EVEX's prefix behind the first, opcode, ModRM, four bytes of distance, four of a
 * number. */
#define PATTERN_MOST 13u

/* What follows an opcode: a distance at once; or a ModRM byte, which may say "relative to the instruction pointer", and
 * behind the distance a number of so many bytes. */
enum shape { NONE, DISTANCE, MODRM, MODRM_1, MODRM_4, LOAD_ADDRESS };

static enum shape shape_of(uint8_t opcode)
{
	switch (opcode) {
	case 0xe8: /* call */
	case 0xe9: /* jmp */
		return DISTANCE;
	case 0x8d: /* lea */
		return LOAD_ADDRESS;
	case 0x6b:
	case 0x80:
	case 0x83:
	case 0xc0:
	case 0xc1:
	case 0xc6:
	case 0xf6:
		return MODRM_1;
	case 0x69:
	case 0x81:
	case 0xc7:
		return MODRM_4;
	case 0x63:
	case 0xf7:
	case 0xfe:
	case 0xff:
		return MODRM;
	default:
		if (opcode < 0x40)
			return opcode % 8 < 4 ? MODRM : NONE;
		if ((opcode >= 0x84 && opcode <= 0x8b) || (opcode >= 0xd0 && opcode <= 0xdf))
			return MODRM;
		return NONE;
	}
}

/* Behind 0x0f, and in the first map of VEX. */
static enum shape shape_of_0f(uint8_t opcode)
{
	if (opcode >= 0x80 && opcode <= 0x8f) /* conditional jumps */
		return DISTANCE;
	if ((opcode >= 0x70 && opcode <= 0x73) || opcode == 0xa4 || opcode == 0xac || opcode == 0xba ||
		opcode == 0xc2 || (opcode >= 0xc4 && opcode <= 0xc6))
		return MODRM_1;
	if (opcode == 0x05 || opcode == 0x0b || opcode == 0x77 || (opcode >= 0xa0 && opcode <= 0xa2) ||
		(opcode >= 0xc8 && opcode <= 0xcf) || (opcode >= 0x30 && opcode <= 0x37))
		return NONE;
	return MODRM;
}

/* Where the bytes may be an instruction with a distance: how far in this stands, and its shape. */
static enum shape find_distance(const uint8_t *bytes, size_t *ret_at)
{
	enum shape shape;
	size_t opcode = 0;

	if (bytes[0] == 0x0f && (bytes[1] == 0x38 || bytes[1] == 0x3a)) {
		opcode = 2;
		shape = bytes[1] == 0x38 ? MODRM : MODRM_1;
	} else if (bytes[0] == 0x0f) {
		opcode = 1;
		shape = shape_of_0f(bytes[1]);
	} else if (bytes[0] == 0xc5) {
		opcode = 2;
		shape = shape_of_0f(bytes[2]);
	} else if (bytes[0] == 0xc4 || bytes[0] == 0x62) {
		opcode = bytes[0] == 0xc4 ? 3 : 4;
		shape = (bytes[1] & 0x1f) == 3 ? MODRM_1 : MODRM;
	} else {
		shape = shape_of(bytes[0]);
	}
	if (shape == DISTANCE) {
		*ret_at = opcode + 1;
		return opcode < 2 ? DISTANCE : NONE; /* VEX has no jumps */
	}
	if (shape == NONE || (bytes[opcode + 1] & 0xc7) != 0x05)
		return NONE;
	*ret_at = opcode + 2;
	return shape;
}

/* Bytes of a number between the distance and the next instruction, from which the distance counts. */
static unsigned number_size(enum shape shape, const uint8_t *bytes, size_t at)
{
	if (shape == MODRM_1)
		return bytes[0] != 0xf6 || (bytes[at - 1] & 0x38) < 0x10; /* only "test" has one there */
	if (shape == MODRM_4)
		return 4;
	return shape == MODRM && bytes[0] == 0xf7 && (bytes[at - 1] & 0x38) < 0x10 ? 4 : 0;
}

static bool is_likely(const struct elf_image *image, enum shape shape, uint64_t target)
{
	if (shape == DISTANCE)
		return target >= image->code_begin && target < image->code_end;
	return target >= image->begin && target <= image->end;
}

/* Gives how many bytes to go on. */
static size_t scan_one(struct scan *scan, const struct scan_window *window, size_t at)
{
	uint8_t *bytes = window->bytes + at;
	struct field field = {.kind = FIELD_NEAR};
	size_t distance_at;
	enum shape shape = find_distance(bytes, &distance_at);

	if (shape == NONE || at + distance_at + 4 > window->len)
		return 1;
	field.at = window->at + at + distance_at;
	field.bytes = bytes + distance_at;
	field.base = window->address + at + distance_at + 4 + number_size(shape, bytes, distance_at);
	field.target = field.base + (uint64_t)(int32_t)field_get_32(field.bytes);
	if (!is_likely(scan->image, shape, field.target))
		return 1;
	if (shape == LOAD_ADDRESS)
		scan_note_table(scan, field.target);
	scan->visit(scan->context, &field);
	return distance_at + 4;
}

size_t scan_x86(struct scan *scan, const struct scan_window *window)
{
	size_t at = 0;

	while (at < window->len && (window->is_last || at + PATTERN_MOST <= window->len))
		at += scan_one(scan, window, at);
	return at;
}
