/* Proofs, and what logs ask of witnesses: what was read is written the same. */
#include <stdlib.h>
#include <string.h>

#include "ledger/proof/add_checkpoint.h"
#include "ledger/proof/tlog_proof.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(buf) struct buf again = BUF_INIT(TLOG_PROOF_MAX_BYTES), asked = BUF_INIT(ADD_CHECKPOINT_MAX_BYTES);
	struct span bytes = {(const char *)data, len};
	struct add_checkpoint request;
	struct tlog_proof proof;

	if (tlog_proof_parse(bytes, &proof, NULL) == 0 &&
		(tlog_proof_write(&proof, &again, NULL) < 0 || again.len != len ||
			memcmp(again.data, data, len) != 0))
		abort();
	if (add_checkpoint_parse(bytes, &request, NULL) == 0 &&
		(add_checkpoint_write(&request, &asked, NULL) < 0 || asked.len != len ||
			memcmp(asked.data, data, len) != 0))
		abort();
	return 0;
}
