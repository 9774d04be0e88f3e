#include "updater/rewrite/shifts.h"

#include <stdlib.h>

/* The guide has one step for each so many bytes, and never more steps than this: memory stays small whatever the
 * addresses are. */
#define PAGE_BITS 12
#define PAGES_MOST 65536u

void shifts_clear(struct shifts *shifts)
{
	free(shifts->entries);
	free(shifts->pages);
	*shifts = (struct shifts){0};
}

static int check(const struct shift *entries, size_t count, struct error *err)
{
	if (count > SHIFTS_MOST)
		return error_set(
			err, ERROR_REFUSED, "the delta's map has %zu entries; %u are the most", count, SHIFTS_MOST);
	for (size_t i = 0; i < count; i++)
		if (entries[i].from >= SHIFTS_ADDRESS_END || (i && entries[i].from <= entries[i - 1].from) ||
			entries[i].by >= (int64_t)SHIFTS_ADDRESS_END || entries[i].by <= -(int64_t)SHIFTS_ADDRESS_END)
			return error_set(err, ERROR_REFUSED, "the delta's map makes no sense");
	return 0;
}

/* For each span of addresses the number of entries that begin before its end. */
static void fill_pages(struct shifts *shifts)
{
	size_t entry = 0;

	for (size_t page = 0; page < shifts->pages_count; page++) {
		while (entry < shifts->count && shifts->entries[entry].from >> PAGE_BITS < page)
			entry++;
		shifts->pages[page] = (uint32_t)entry;
	}
}

int shifts_init(struct shifts *ret_shifts, struct shift *take_entries, size_t count, struct error *err)
{
	AUTO(shifts) struct shifts shifts = {.entries = take_entries, .count = count};
	uint64_t pages;

	if (check(take_entries, count, err) < 0)
		return -1;
	pages = count ? (take_entries[count - 1].from >> PAGE_BITS) + 2 : 1;
	shifts.pages_count = pages < PAGES_MOST ? (size_t)pages : PAGES_MOST;
	if (!(shifts.pages = calloc(shifts.pages_count, sizeof(*shifts.pages))))
		return error_set(err, ERROR_FAILED, "no memory for a delta's map");
	fill_pages(&shifts);
	*ret_shifts = shifts;
	shifts = (struct shifts){0};
	return 0;
}

uint64_t shifts_apply(const struct shifts *shifts, uint64_t address)
{
	uint64_t page = address >> PAGE_BITS;
	/* How many entries begin at or below ADDRESS: between these two. */
	size_t low = shifts->pages[page < shifts->pages_count ? page : shifts->pages_count - 1];
	size_t high = page + 1 < shifts->pages_count ? shifts->pages[page + 1] : shifts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (shifts->entries[middle].from <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? address + (uint64_t)shifts->entries[low - 1].by : address;
}
