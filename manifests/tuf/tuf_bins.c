#include "manifests/tuf/tuf_bins.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/digest.h"

#define BITS_MAX 32

int tuf_bins_check(const json_t *bins, struct error *err)
{
	const char *prefix;
	int64_t bits;

	if (json_want_integer(bins, "bit_length", 1, BITS_MAX, &bits, err) < 0 ||
		json_want_string(bins, "name_prefix", &prefix, err) < 0)
		return error_context(err, "succinct_roles");
	return 0;
}

char *tuf_bins_role(const json_t *bins, const char *path)
{
	int bits = (int)json_integer_value(json_object_get(bins, "bit_length"));
	const char *prefix = json_string_value(json_object_get(bins, "name_prefix"));
	uint64_t last_bin = (UINT64_C(1) << bits) - 1;
	struct sha256 digest;
	uint32_t bin = 0;
	char *name;

	sha256_of(path, strlen(path), &digest);
	for (int i = 0; i < 4; i++)
		bin = bin << 8 | digest.bytes[i];
	bin >>= BITS_MAX - bits;
	/* The number has as many digits as that of the last bin. */
	if (asprintf(&name, "%s-%0*" PRIx32, prefix, snprintf(NULL, 0, "%" PRIx64, last_bin), bin) < 0)
		return NULL;
	return name;
}
