#include "common/csv/csv.h"

#include <stdbool.h>
#include <string.h>

#include "common/auto.h"

/* Japanese spreadsheets take the wide signs for the narrow ones. */
static bool begins_formula(const char *value)
{
	static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};

	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		if (strncmp(value, wide[i], strlen(wide[i])) == 0)
			return true;
	return *value && strchr("=+-@\t\r\n", *value);
}

int csv_write_field(struct buf *text, const char *value, struct error *err)
{
	if (buf_printf(text, err, "\"%s", begins_formula(value) ? "'" : "") < 0)
		return -1;
	for (size_t len; *value; value += len) {
		len = *value == '"' ? 1 : strcspn(value, "\"");
		if (buf_append(text, *value == '"' ? "\"\"" : value, *value == '"' ? 2 : len, err) < 0)
			return -1;
	}
	return buf_append(text, "\"", 1, err);
}
