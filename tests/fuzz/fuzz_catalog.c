/* Catalogs: what was read and written is read and written the same. */
#include <stdlib.h>
#include <string.h>

#include "manifests/catalog/catalog.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	AUTO(catalog) struct catalog *again = NULL;
	AUTO(buf) struct buf first = BUF_INIT(4 * CATALOG_MAX_BYTES);
	AUTO(buf) struct buf second = BUF_INIT(4 * CATALOG_MAX_BYTES);

	if (catalog_parse(data, len, &catalog, NULL) < 0)
		return 0;
	for (size_t i = 0; i < catalog->packages_count; i++)
		if (!catalog_find(catalog, catalog->packages[i].name))
			abort();
	if (catalog_write(catalog, &first, NULL) < 0 || catalog_parse(first.data, first.len, &again, NULL) < 0 ||
	    catalog_write(again, &second, NULL) < 0 || strcmp(first.data, second.data) != 0)
		abort();
	return 0;
}
