/* Catalogs as texts. */
#ifndef TESTS_MANIFESTS_CATALOG_CATALOG_TEXT_H
#define TESTS_MANIFESTS_CATALOG_CATALOG_TEXT_H

#include "manifests/catalog/catalog.h"
#include "tests/support/test.h"

/* TEXT is one. */
struct catalog *catalog_of_text(const char *text);
/* It is none, and the error says so; NUMBER is that of the row. */
void assert_no_catalog(size_t number, const char *text, const char *says);
/* What is written of CATALOG reads as the same, with both parts in it. */
void assert_written_as_read(const struct catalog *catalog, const char *part, const char *other_part);

#endif
