#include "updater/rewrite/scan_part.h"

/* So many instructions behind adrp the one that completes its address is looked for. */
#define LOOK_AHEAD 24u

static uint64_t signed_bits(uint32_t instruction, unsigned shift, unsigned width)
{
	uint64_t value = instruction >> shift & ((UINT64_C(1) << width) - 1);
	uint64_t sign = UINT64_C(1) << (width - 1);

	return (value ^ sign) - sign;
}

static uint64_t split_bits(uint32_t instruction)
{
	return signed_bits(instruction, 5, 19) << 2 | (instruction >> 29 & 3);
}

/* A branch: its field's kind and distance in bytes; false where it is none. */
static bool is_branch(uint32_t instruction, enum field_kind *ret_kind, uint64_t *ret_distance)
{
	if ((instruction & 0x7c000000) == 0x14000000) { /* b, bl */
		*ret_kind = FIELD_ARM_26;
		*ret_distance = signed_bits(instruction, 0, 26) << 2;
	} else if ((instruction & 0xff000010) == 0x54000000 || /* b.cond */
		   (instruction & 0x7e000000) == 0x34000000 || /* cbz, cbnz */
		   (instruction & 0x3b000000) == 0x18000000) { /* ldr of a literal */
		*ret_kind = FIELD_ARM_19;
		*ret_distance = signed_bits(instruction, 5, 19) << 2;
	} else if ((instruction & 0x7e000000) == 0x36000000) { /* tbz, tbnz */
		*ret_kind = FIELD_ARM_14;
		*ret_distance = signed_bits(instruction, 5, 14) << 2;
	} else if ((instruction & 0x9f000000) == 0x10000000) {
		*ret_kind = FIELD_ARM_ADR;
		*ret_distance = split_bits(instruction);
	} else {
		return false;
	}
	return true;
}

/* Does it complete the address in REG: add with a number of 12 bits, or a load or store with an offset? */
static bool completes(uint32_t instruction, unsigned reg, uint64_t *ret_low)
{
	unsigned scale = 0;

	if ((instruction >> 5 & 31) != reg)
		return false;
	if ((instruction & 0x3b000000) == 0x39000000)
		scale = (instruction & 0x04800000) == 0x04800000 ? 4 : instruction >> 30;
	else if ((instruction & 0xffc00000) != 0x91000000)
		return false;
	*ret_low = (uint64_t)(instruction >> 10 & 0xfff) << scale;
	return *ret_low < 4096;
}

static void see(struct scan *scan, const struct scan_window *window, size_t at, struct field field)
{
	field.at = window->at + at;
	field.bytes = window->bytes + at;
	field.base = window->address + at;
	scan->visit(scan->context, &field);
}

/* adrp gives a page, and one or more instructions behind it the place in it. The page moves as the first of them does;
 * each of them is a field of its own. */
static void scan_page(struct scan *scan, const struct scan_window *window, size_t at, uint32_t instruction)
{
	uint64_t page = ((window->address + at) & ~UINT64_C(0xfff)) + (split_bits(instruction) << 12), target = page;
	unsigned reg = instruction & 31;
	bool found = false;

	if (page + 4096 <= scan->image->begin || page >= scan->image->end)
		return;
	for (size_t next = at + 4, i = 0; i < LOOK_AHEAD && next + 4 <= window->len; i++, next += 4) {
		uint32_t other = field_get_32(window->bytes + next);
		uint64_t low;

		if ((other & 0x9f000000) == 0x90000000 && (other & 31) == reg)
			break;
		if (!completes(other, reg, &low))
			continue;
		target = found ? target : page + low;
		found = true;
		see(scan, window, next, (struct field){.kind = FIELD_ARM_LOW, .target = page + low});
		if ((other & 0xffc00000) == 0x91000000 && (other & 31) == reg)
			break;
	}
	see(scan, window, at, (struct field){.kind = FIELD_ARM_PAGE, .target = target});
}

static void scan_one(struct scan *scan, const struct scan_window *window, size_t at)
{
	uint32_t instruction = field_get_32(window->bytes + at);
	struct field field = {0};
	uint64_t distance;

	if ((instruction & 0x9f000000) == 0x90000000) {
		scan_page(scan, window, at, instruction);
		return;
	}
	if (!is_branch(instruction, &field.kind, &distance))
		return;
	field.target = window->address + at + distance;
	if (field.target >= scan->image->begin && field.target < scan->image->end)
		see(scan, window, at, field);
}

size_t scan_arm(struct scan *scan, const struct scan_window *window)
{
	size_t at = 0, keep = window->is_last ? 0 : (LOOK_AHEAD + 1) * 4;

	for (; at + 4 + keep <= window->len; at += 4)
		scan_one(scan, window, at);
	return at;
}
