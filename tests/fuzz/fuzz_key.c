/* Keys and signatures from outside: {"key": {...}, "sig": "..."}. */
#include <stdlib.h>

#include "manifests/keys/key.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(json) json_t *input = json_parse(data, len, NULL);
	AUTO(key) struct key *key = NULL;
	const json_t *object;
	const char *signature = "";
	char id[KEY_ID_SIZE];

	if (!input || json_want_object(input, "key", &object, NULL) < 0 || !(key = key_parse(object, NULL)))
		return 0;
	if (json_may_string(input, "sig", &signature, NULL) == 0)
		(void)key_verify(key, data, len, signature);
	if (!key_equal(key, key) || (key_id_of(object, id, NULL) == 0 && key_check_id(object, id, NULL) < 0))
		abort();
	return 0;
}
