/* Metadata's JSON reader against jansson's: where both take a text they read the same, and neither takes what the
 * other refuses but for the differences that metadata_json.h states. */
#include <stdlib.h>
#include <string.h>

#include "manifests/keys/canonical_json.h"
#include "manifests/tuf/metadata_json.h"
#include "tests/fuzz/fuzz.h"

/* Names with U+0000, and doubles out of range, are what jansson refuses and we do not. */
static bool only_we_take_it(const uint8_t *data, size_t len)
{
	return memmem(data, len, "\\u0000", 6) || memchr(data, 'e', len) || memchr(data, 'E', len) || len > 300;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(json) json_t *ours = metadata_json_parse(data, len, NULL);
	AUTO(json) json_t *theirs = json_parse(data, len, NULL);
	AUTO(buf) struct buf our_bytes = BUF_INIT(len);
	AUTO(buf) struct buf their_bytes = BUF_INIT(len);

	if (ours && !theirs && !only_we_take_it(data, len))
		abort();
	/* jansson loses a byte of zero behind a word. */
	if (!ours && theirs && len < METADATA_JSON_MAX_DEPTH && !memchr(data, 0, len))
		abort();
	if (!ours || !theirs)
		return 0;
	if (canonical_json_write(ours, &our_bytes, NULL) != canonical_json_write(theirs, &their_bytes, NULL))
		abort();
	if (our_bytes.len != their_bytes.len ||
		memcmp(buf_text(&our_bytes), buf_text(&their_bytes), our_bytes.len) != 0)
		abort();
	return 0;
}
