#include "updater/rewrite/scan_part.h"

void scan_note_table(struct scan *scan, uint64_t address)
{
	uint64_t begin = scan->image->constants_begin;

	if (scan->table_starts && address >= begin && address < scan->image->constants_end && address % 4 == 0)
		scan->table_starts[(address - begin) / 32] |= (uint8_t)(1u << ((address - begin) / 4 % 8));
}
