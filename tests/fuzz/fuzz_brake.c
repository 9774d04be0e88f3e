/* A statement of the brake: whatever comes from a server is read or refused. */
#include "manifests/rollout/brake.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(brake) struct brake *brake = NULL;
	struct error err = {0};

	(void)!brake_parse(data, size, &brake, &err);
	return 0;
}
