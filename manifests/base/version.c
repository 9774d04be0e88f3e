#include "manifests/base/version.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define COMPONENT_DIGITS 9

/* Reads one component and moves *TEXT behind it; -1 where none stands there. */
static int64_t read_component(const char **text)
{
	const char *digit = *text;
	int64_t value = 0;

	while (*digit >= '0' && *digit <= '9' && digit - *text < COMPONENT_DIGITS)
		value = value * 10 + (*digit++ - '0');
	if (digit == *text || (**text == '0' && digit - *text > 1))
		return -1;
	*text = digit;
	return value;
}

static bool version_read(const char *text, int64_t ret_components[static VERSION_COMPONENTS])
{
	memset(ret_components, 0, VERSION_COMPONENTS * sizeof(*ret_components));
	for (size_t i = 0; text && i < VERSION_COMPONENTS; i++) {
		if ((ret_components[i] = read_component(&text)) < 0)
			return false;
		if (*text == '\0')
			return true;
		if (*text++ != '.')
			return false;
	}
	return false;
}

int version_check(const char *text, struct error *err)
{
	int64_t components[VERSION_COMPONENTS];

	if (version_read(text, components))
		return 0;
	return error_set(err, ERROR_INPUT,
		"'%.60s' is not a version: it takes 1 to 4 numbers of at most 9 digits with dots between them, such "
		"as 5.1.0",
		text ? text : "");
}

int version_compare(const char *a, const char *b)
{
	int64_t of_a[VERSION_COMPONENTS];
	int64_t of_b[VERSION_COMPONENTS];

	if (!version_read(a, of_a))
		memset(of_a, 0, sizeof(of_a));
	if (!version_read(b, of_b))
		memset(of_b, 0, sizeof(of_b));
	for (size_t i = 0; i < VERSION_COMPONENTS; i++)
		if (of_a[i] != of_b[i])
			return of_a[i] < of_b[i] ? -1 : 1;
	return 0;
}

bool version_is_broken(const char *text)
{
	return version_compare(text, VERSION_BROKEN) == 0;
}
