#include <string.h>

#include "updater/rewrite/scan_part.h"

/* Encodings of addresses in .eh_frame (DWARF, as the Linux Standard Base has them). */
#define NEAR 0x1b	   /* signed, 32 bits, from the place itself */
#define NEAR_INDIRECT 0x9b /* the same, of where the address stands */
#define RECORD_MOST 32768u

static void see_near(struct scan *scan, const struct scan_window *window, size_t at)
{
	struct field field = {.kind = FIELD_NEAR, .at = window->at + at, .bytes = window->bytes + at};

	field.base = window->address + at;
	field.target = field.base + (uint64_t)(int32_t)field_get_32(field.bytes);
	scan->visit(scan->context, &field);
}

/* The head's place, as distance back from the record. */
static void see_head(struct scan *scan, const struct scan_window *window, size_t at, uint64_t head)
{
	scan->visit(scan->context, &(struct field){.kind = FIELD_BACK,
					   .at = window->at + at,
					   .bytes = window->bytes + at,
					   .base = window->address + at,
					   .target = head});
}

/* Behind a number of seven bits a byte; END where it has no end. */
static size_t skip_number(const uint8_t *bytes, size_t at, size_t end)
{
	while (at < end && bytes[at] & 0x80)
		at++;
	return at < end ? at + 1 : end;
}

/* A head, from behind its identifier up to END: what its letters say of the records that refer to it. */
static void read_head(struct scan *scan, const struct scan_window *window, size_t begin, size_t at, size_t end)
{
	struct scan_unwind_kind kind = {.at = window->address + begin};
	const uint8_t *bytes = window->bytes;
	size_t letters = at + 1, letter = letters;

	at = letters;
	while (at < end && bytes[at])
		at++;
	at = skip_number(bytes, at + 1, end); /* code alignment */
	at = skip_number(bytes, at, end);     /* data alignment */
	at = skip_number(bytes, at, end);     /* return register */
	for (; letter < end && bytes[letter] && at < end; letter++) {
		if (bytes[letter] == 'z') {
			at = skip_number(bytes, at, end);
		} else if (bytes[letter] == 'R') {
			kind.has_near_code = bytes[at++] == NEAR;
		} else if (bytes[letter] == 'L') {
			kind.has_near_exceptions = bytes[at++] == NEAR;
		} else if (bytes[letter] == 'P' && at + 5 <= end &&
			   (bytes[at] == NEAR || bytes[at] == NEAR_INDIRECT)) {
			see_near(scan, window, at + 1);
			at += 5;
		} else {
			break;
		}
	}
	scan->unwind_kinds[scan->unwind_next++ % SCAN_UNWIND_KINDS] = kind;
}

static const struct scan_unwind_kind *find_kind(const struct scan *scan, uint64_t address)
{
	for (size_t back = 1; back <= SCAN_UNWIND_KINDS; back++) {
		const struct scan_unwind_kind *kind =
			&scan->unwind_kinds[(scan->unwind_next - back) % SCAN_UNWIND_KINDS];

		if (kind->at == address)
			return kind;
	}
	return NULL;
}

/* A function's record: head, where the function begins, its length, and behind these where its exceptions are. */
static void read_record(struct scan *scan, const struct scan_window *window, size_t at, size_t end)
{
	uint64_t head = window->address + at - field_get_32(window->bytes + at);
	const struct scan_unwind_kind *kind = find_kind(scan, head);
	size_t exceptions = skip_number(window->bytes, at + 12, end);

	if (!kind || at + 13 > end)
		return;
	see_head(scan, window, at, head);
	if (kind->has_near_code)
		see_near(scan, window, at + 4);
	if (kind->has_near_exceptions && exceptions + 4 <= end && window->bytes[at + 12] >= 4 &&
		field_get_32(window->bytes + exceptions) != 0)
		see_near(scan, window, exceptions);
}

size_t scan_unwind(struct scan *scan, const struct scan_window *window)
{
	size_t at = 0;

	while (at + 8 <= window->len) {
		uint32_t len = field_get_32(window->bytes + at);
		size_t end = at + 4 + len;

		if (len == 0) {
			at += 4;
			continue;
		}
		if (len < 4 || len > RECORD_MOST)
			return window->len; /* nothing known: the rest stays as it is */
		if (end > window->len)
			return window->is_last ? window->len : at;
		if (field_get_32(window->bytes + at + 4) == 0)
			read_head(scan, window, at, at + 8, end);
		else
			read_record(scan, window, at + 4, end);
		at = end;
	}
	return at;
}
