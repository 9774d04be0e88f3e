/* Checkpoints: what was read is written the same, but for the lines that are passed over. */
#include <stdlib.h>
#include <string.h>

#include "ledger/note/checkpoint.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(buf) struct buf again = BUF_INIT(1024);
	struct checkpoint checkpoint;

	if (checkpoint_parse((struct span){(const char *)data, len}, &checkpoint, NULL) < 0)
		return 0;
	if (checkpoint_write(&checkpoint, &again, NULL) < 0 || again.len > len ||
		memcmp(again.data, data, again.len) != 0)
		abort();
	return 0;
}
