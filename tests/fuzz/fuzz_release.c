/* Releases: what was read and written is read and written the same. */
#include <stdlib.h>
#include <string.h>

#include "manifests/release/release.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(release) struct release *release = NULL;
	AUTO(release) struct release *again = NULL;
	AUTO(buf) struct buf first = BUF_INIT(RELEASE_MAX_BYTES);
	AUTO(buf) struct buf second = BUF_INIT(RELEASE_MAX_BYTES);

	if (release_parse(data, len, &release, NULL) < 0)
		return 0;
	if (release_write(release, &first, NULL) < 0 || release_parse(first.data, first.len, &again, NULL) < 0 ||
	    release_write(again, &second, NULL) < 0 || strcmp(first.data, second.data) != 0)
		abort();
	return 0;
}
