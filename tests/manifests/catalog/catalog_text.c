#include "tests/manifests/catalog/catalog_text.h"

struct catalog *catalog_of_text(const char *text)
{
	struct error err = {0};
	struct catalog *catalog = NULL;

	assert_ok(catalog_parse(text, strlen(text), &catalog, &err), &err);
	return catalog;
}

void assert_no_catalog(size_t number, const char *text, const char *says)
{
	struct catalog *catalog = NULL;
	struct error err = {0};

	assert_int_equal(catalog_parse(text, strlen(text), &catalog, &err), -1);
	assert_null(catalog);
	if (err.code != ERROR_INPUT || !strstr(err.text, says))
		fail_msg("row %zu: '%s' does not say '%s'", number, err.text, says);
}

void assert_written_as_read(const struct catalog *catalog, const char *part, const char *other_part)
{
	AUTO(buf) struct buf first = BUF_INIT(CATALOG_MAX_BYTES);
	AUTO(buf) struct buf second = BUF_INIT(CATALOG_MAX_BYTES);
	AUTO(catalog) struct catalog *again = NULL;
	struct error err = {0};

	assert_ok(catalog_write(catalog, &first, &err), &err);
	again = catalog_of_text(buf_text(&first));
	assert_ok(catalog_write(again, &second, &err), &err);
	assert_string_equal(buf_text(&first), buf_text(&second));
	assert_non_null(strstr(buf_text(&first), part));
	assert_non_null(strstr(buf_text(&first), other_part));
}
