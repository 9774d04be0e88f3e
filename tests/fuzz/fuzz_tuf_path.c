/* Patterns and paths, a line break between them. */
#include <stdlib.h>
#include <string.h>

#include "manifests/tuf/tuf_path.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	AUTO(buf) struct buf url = BUF_INIT(TUF_PATH_MAX_BYTES);
	char text[INPUT_MAX + 1];
	char *path;

	if (len > INPUT_MAX)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	if (!(path = strchr(text, '\n')))
		return 0;
	*path++ = '\0';
	(void)tuf_path_matches(text, path);
	if (tuf_target_file_name(path, &name, NULL) == 0 &&
		(name.len > 200 || strchr(name.data, '/') || *name.data == '.'))
		abort();
	if (tuf_target_url(path, "00", &url, NULL) < 0)
		abort();
	return 0;
}
