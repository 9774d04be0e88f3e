/* Entries of the ledger: what was read is written the same. */
#include <stdlib.h>
#include <string.h>

#include "ledger/proof/ledger_entry.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(buf) struct buf again = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	struct ledger_entry entry;

	if (ledger_entry_parse((struct span){(const char *)data, len}, &entry, NULL) < 0)
		return 0;
	if (ledger_entry_write(&entry, &again, NULL) < 0 || again.len != len || memcmp(again.data, data, len) != 0)
		abort();
	return 0;
}
