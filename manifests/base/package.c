#include "manifests/base/package.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/platform.h"

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static int check_is_portable(const char *name, struct error *err)
{
	const char *slash = strchr(name, '/');
	char first[PACKAGE_NAME_SIZE];
	const char *reason;

	(void)snprintf(first, sizeof(first), "%.*s", (int)strcspn(name, "/"), name);
	if ((reason = platform_unportable_name(first)) || (slash && (reason = platform_unportable_name(slash + 1))))
		return error_set(
			err, ERROR_INPUT, "package name '%s' cannot be a folder on every terminal: %s", name, reason);
	return 0;
}

int package_check_name(const char *name, struct error *err)
{
	int components = 1;

	if (!*name || strlen(name) >= PACKAGE_NAME_SIZE)
		return error_set(err, ERROR_INPUT, "package name '%.80s' is not 1 to %d bytes long", name,
			PACKAGE_NAME_SIZE - 1);
	for (const char *c = name; *c; c++) {
		bool at_start = c == name || c[-1] == '/';

		if (*c == '/' && !at_start && c[1] && ++components == 2)
			continue;
		if (!is_name_character(*c) && (*c != '-' || at_start))
			return error_set(err, ERROR_INPUT,
				"package name '%s' is not one or two components of a-z, 0-9 and '-', such as "
				"reader-app/acme",
				name);
	}
	return check_is_portable(name, err);
}

void package_role(const char *name, char ret_role[static PACKAGE_NAME_SIZE])
{
	(void)snprintf(ret_role, PACKAGE_NAME_SIZE, "%s", name);
	for (char *c = ret_role; *c; c++)
		if (*c == '/')
			*c = '-';
}

/* "NAME/STEM-" */
static int print_start(const char *name, char ret_path[static PACKAGE_TARGET_SIZE])
{
	char stem[PACKAGE_NAME_SIZE];

	package_role(name, stem);
	return snprintf(ret_path, PACKAGE_TARGET_SIZE, "%.*s/%s-", PACKAGE_NAME_SIZE - 1, name, stem);
}

void package_release_target(const char *name, const char *version, char ret_path[static PACKAGE_TARGET_SIZE])
{
	int used = print_start(name, ret_path);

	(void)snprintf(ret_path + used, PACKAGE_TARGET_SIZE - (size_t)used, "%s.json", version);
}

void package_payload_target(const char *name, const char *version, char ret_path[static PACKAGE_TARGET_SIZE])
{
	int used = print_start(name, ret_path);

	(void)snprintf(ret_path + used, PACKAGE_TARGET_SIZE - (size_t)used, "%s.tar.zst", version);
}

void package_delta_target(const char *name, const char *version, const char *from_version,
	enum package_delta_format format, char ret_path[static PACKAGE_TARGET_SIZE])
{
	int used = print_start(name, ret_path);

	(void)snprintf(ret_path + used, PACKAGE_TARGET_SIZE - (size_t)used, "%s-from-%s.delta%s", version,
		from_version, format == PACKAGE_DELTA ? "3" : "");
}

void package_release_folder(const char *version, const char *digest_hex, char ret_name[static PACKAGE_FOLDER_SIZE])
{
	(void)snprintf(ret_name, PACKAGE_FOLDER_SIZE, "%s-%.8s", version, digest_hex);
}

#define BESIDE "+1"

/* Without the mark of the one beside. */
static size_t plain_length(const char *folder)
{
	size_t len = strlen(folder), mark = strlen(BESIDE);

	return len > mark && strcmp(folder + len - mark, BESIDE) == 0 ? len - mark : len;
}

void package_folder_beside(const char *folder, char ret_name[static PACKAGE_FOLDER_SIZE])
{
	size_t plain = plain_length(folder);

	(void)snprintf(ret_name, PACKAGE_FOLDER_SIZE, "%.*s%s", (int)plain, folder, folder[plain] ? "" : BESIDE);
}

bool package_folder_is_same_release(const char *folder, const char *other)
{
	size_t plain = plain_length(folder);

	return plain && plain == plain_length(other) && memcmp(folder, other, plain) == 0;
}

const char *package_folder_digits(const char *folder)
{
	const char *dash = strrchr(folder, '-');

	if (!dash || dash == folder || plain_length(dash + 1) != PACKAGE_FOLDER_DIGITS ||
		strspn(dash + 1, "0123456789abcdef") != PACKAGE_FOLDER_DIGITS)
		return NULL;
	return dash + 1;
}

void package_folder_version(const char *folder, char ret_version[static VERSION_TEXT_SIZE])
{
	const char *dash = strrchr(folder, '-');
	size_t len = dash ? (size_t)(dash - folder) : 0;

	(void)snprintf(ret_version, VERSION_TEXT_SIZE, "%.*s", (int)(len < VERSION_TEXT_SIZE ? len : 0), folder);
}
