/* Canonical JSON never grows, and is its own canonical form wherever it is JSON. */
#include <stdlib.h>
#include <string.h>

#include "manifests/keys/canonical_json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(buf) struct buf once = BUF_INIT(len);
	AUTO(buf) struct buf twice = BUF_INIT(len);
	AUTO(json) json_t *value = json_parse(data, len, NULL);
	AUTO(json) json_t *again = NULL;

	if (!value || canonical_json_write(value, &once, NULL) < 0)
		return 0;
	/* Control characters stand raw in canonical JSON, which JSON proper does not allow. */
	if (!(again = json_parse(buf_text(&once), once.len, NULL)))
		return 0;
	if (canonical_json_write(again, &twice, NULL) < 0 || once.len != twice.len ||
		memcmp(once.data, twice.data, once.len) != 0)
		abort();
	return 0;
}
