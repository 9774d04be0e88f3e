#include "agent/config/config_value.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/config/config_staff.h"
#include "common/auto.h"
#include "common/number.h"
#include "common/platform.h"
#include "common/text.h"
#include "manifests/base/package.h"
#include "manifests/catalog/catalog_candidate.h"
#include "manifests/release/release_rules.h"

#define PATH_LENGTH_MAX 1024
#define ITEMS_MAX 64

static void list_clear(struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct config_list){0};
}
DEFINE_AUTO(list, struct config_list, list_clear);

static int set_text(const char *value, size_t len, char **member, struct error *err)
{
	char *copy = strndup(value, len);

	if (!copy)
		return error_set(err, ERROR_FAILED, "no memory for the configuration");
	free(*member);
	*member = copy;
	return 0;
}

/* The code point of the character at TEXT, which is UTF-8. */
static unsigned code_point(const char *text, size_t len)
{
	unsigned char first = (unsigned char)text[0];
	unsigned point = len == 1 ? first : len == 2 ? first & 0x1fu : len == 3 ? first & 0x0fu : first & 0x07u;

	for (size_t i = 1; i < len; i++)
		point = point << 6 | ((unsigned char)text[i] & 0x3fu);
	return point;
}

static int check_path(const char *path, struct error *err)
{
	size_t len = 0;
	const char *forbidden = platform_forbidden_path_character(path, &len);
	unsigned point;

	if (forbidden) {
		point = code_point(forbidden, len);
		if (point == ' ' || point == 0x3000 || point == 0xa0 || point < ' ' || point == 0x7f)
			return error_set(err, ERROR_INPUT,
				"path '%s' holds %s (U+%04X); use letters, digits and . _ - / only", path,
				point == 0x3000 ? "a full-width blank" : "a blank", point);
		return error_set(err, ERROR_INPUT,
			"path '%s' holds '%.*s' (U+%04X); use letters, digits and . _ - / only", path, (int)len,
			forbidden, point);
	}
	if (path[0] != '/')
		return error_set(err, ERROR_INPUT, "path '%s' does not begin with /", path);
	if (strstr(path, "/../") || (strlen(path) >= 3 && strcmp(path + strlen(path) - 3, "/..") == 0))
		return error_set(err, ERROR_INPUT, "path '%s' holds '..'", path);
	if (strlen(path) > PATH_LENGTH_MAX)
		return error_set(err, ERROR_INPUT, "the path is longer than %d bytes", PATH_LENGTH_MAX);
	return 0;
}

/* Slashes at the end go: "/" becomes "". */
static size_t length_without_slashes(const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '/')
		len--;
	return len;
}

static int set_path(const char *value, char **member, struct error *err)
{
	if (check_path(value, err) < 0)
		return -1;
	return set_text(value, length_without_slashes(value), member, err);
}

static int check_word(const char *value, struct error *err)
{
	for (const char *at = value; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f)
			return error_set(
				err, ERROR_INPUT, "'%s' holds a blank or a character other than plain ASCII", value);
	return 0;
}

/* What stands behind a scheme that is known, or NULL: a host, or a file's absolute path (a stick, a share: F21). */
static const char *after_scheme(const char *value)
{
	if (strncmp(value, "https://", 8) == 0)
		return value[8] != '/' ? value + 8 : NULL;
	if (strncmp(value, "http://", 7) == 0)
		return value[7] != '/' ? value + 7 : NULL;
	return strncmp(value, "file:///", 8) == 0 ? value + 8 : NULL;
}

static int check_url(const char *value, struct error *err)
{
	const char *rest = after_scheme(value);

	if (!rest || !*rest)
		return error_set(err, ERROR_INPUT, "'%s' is no address such as https://example.org/haishin", value);
	return check_word(value, err);
}

static int check_web_url(const char *value, struct error *err)
{
	if (strncmp(value, "file:", 5) == 0)
		return error_set(err, ERROR_INPUT, "'%s' is no address of a web server", value);
	return check_url(value, err);
}

static int check_proxy(const char *value, struct error *err)
{
	if (check_word(value, err) < 0)
		return -1;
	if (strchr(value, '@'))
		return error_set(err, ERROR_INPUT,
			"user and password do not belong here, where everybody may read them; put them into a file "
			"and name it in [server] proxy_credentials");
	return 0;
}

static int check_digits(const char *value, const struct config_limits *limits, struct error *err)
{
	int64_t len = (int64_t)strlen(value);

	if (strspn(value, "0123456789") == strlen(value) && len >= limits->lowest && len <= limits->highest)
		return 0;
	if (limits->lowest == limits->highest)
		return error_set(
			err, ERROR_INPUT, "'%s' is not a number of %lld digits", value, (long long)limits->lowest);
	return error_set(err, ERROR_INPUT, "'%s' is not a number of %lld to %lld digits", value,
		(long long)limits->lowest, (long long)limits->highest);
}

/* As people write it: 03-1234-5678, (03) 1234-5678. */
static int set_telephone(const char *value, const struct config_limits *limits, char **member, struct error *err)
{
	char narrow[128], digits[sizeof(narrow)];
	size_t len = 0;

	text_narrow(value, narrow, sizeof(narrow));
	for (const char *at = narrow; *at; at++)
		if (!strchr("-() ", *at))
			digits[len++] = *at;
	digits[len] = '\0';
	if (strspn(digits, "0123456789") != len || (int64_t)len < limits->lowest || (int64_t)len > limits->highest)
		return error_set(err, ERROR_INPUT, "'%s' is no telephone number of %lld or %lld digits", value,
			(long long)limits->lowest, (long long)limits->highest);
	return set_text(digits, len, member, err);
}

static int check_text(const char *value, const struct config_limits *limits, struct error *err)
{
	char clean[256];

	if ((int64_t)strlen(value) > limits->highest)
		return error_set(err, ERROR_INPUT, "the text has %zu bytes, more than %lld", strlen(value),
			(long long)limits->highest);
	text_printable(value, clean, sizeof(clean));
	if (strcmp(clean, value) != 0)
		return error_set(err, ERROR_INPUT, "'%s' holds a control character, or is not UTF-8", clean);
	return 0;
}

static int check_user(const char *name, struct error *err)
{
	size_t len = strlen(name);

	if (len == 0 || len > 32 ||
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") != len ||
		name[0] == '-')
		return error_set(err, ERROR_INPUT, "'%s' is not the name of an account or group", name);
	return 0;
}

static int set_user(const char *value, char **member, struct error *err)
{
	if (check_user(value, err) < 0)
		return -1;
	return set_text(value, strlen(value), member, err);
}

static int check_package(const char *name, struct error *err)
{
	return package_check_name(name, err);
}

static bool list_holds(const struct config_list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], word) == 0)
			return true;
	return false;
}

/* Words with blanks between them, each checked, none twice, at least one. */
static int set_list(
	const char *value, int (*check)(const char *, struct error *), struct config_list *member, struct error *err)
{
	AUTO(list) struct config_list list = {0};

	if (!(list.items = calloc(ITEMS_MAX, sizeof(*list.items))))
		return error_set(err, ERROR_FAILED, "no memory for the configuration");
	for (value += strspn(value, " \t"); *value; value += strspn(value, " \t")) {
		size_t len = strcspn(value, " \t");
		AUTO(free) char *word = NULL;

		if (list.count == ITEMS_MAX)
			return error_set(err, ERROR_INPUT, "more than %d words", ITEMS_MAX);
		if (set_text(value, len, &word, err) < 0 || check(word, err) < 0)
			return -1;
		if (check == check_url)
			word[length_without_slashes(word)] = '\0';
		if (list_holds(&list, word))
			return error_set(err, ERROR_INPUT, "'%s' is given twice", word);
		list.items[list.count++] = take_ptr(&word);
		value += len;
	}
	if (list.count == 0)
		return error_set(err, ERROR_INPUT, "the value is empty");
	list_clear(member);
	*member = list;
	list = (struct config_list){0};
	return 0;
}

/* Words that are kept as they are written. */
static int set_words(const char *value, int (*check)(const char *, struct error *), char **member, struct error *err)
{
	AUTO(list) struct config_list words = {0};

	if (*value && set_list(value, check, &words, err) < 0)
		return -1;
	return set_text(value, strlen(value), member, err);
}

/* PACKAGE=NAME.service */
static int check_binding(const char *word, struct error *err)
{
	const char *sign = strchr(word, '=');
	AUTO(free) char *package = sign ? strndup(word, (size_t)(sign - word)) : NULL;

	if (!sign)
		return error_set(err, ERROR_INPUT, "'%s' is not of the form PACKAGE=NAME.service", word);
	if (!package)
		return error_set(err, ERROR_FAILED, "no memory for the configuration");
	return package_check_name(package, err) < 0 ? -1 : release_rules_check_unit(sign + 1, err);
}

/* One unit is one package's, and the other way round. */
static int check_bindings(const struct config_list *words, struct error *err)
{
	for (size_t i = 0; i < words->count; i++)
		for (size_t j = 0; j < i; j++) {
			const char *a = words->items[i], *b = words->items[j];
			size_t len = strcspn(a, "=") + 1;

			if (strncmp(a, b, len) == 0 || strcmp(a + len, strchr(b, '=') + 1) == 0)
				return error_set(
					err, ERROR_INPUT, "'%s' and '%s' name one package or one unit twice", b, a);
		}
	return 0;
}

static int set_units(const char *value, char **member, struct error *err)
{
	AUTO(list) struct config_list words = {0};

	if (set_list(value, check_binding, &words, err) < 0 || check_bindings(&words, err) < 0)
		return -1;
	return set_text(value, strlen(value), member, err);
}

static int check_hour(const char *value, struct error *err)
{
	static const char highest[] = "29:59";

	for (size_t i = 0; i < sizeof(highest); i++)
		if (highest[i] >= '0' && highest[i] <= '9' ? value[i] < '0' || value[i] > highest[i]
							   : value[i] != highest[i])
			return error_set(err, ERROR_INPUT, "'%s' is not an hour such as 04:30", value);
	if (atoi(value) > 23)
		return error_set(err, ERROR_INPUT, "'%s' is not an hour between 00:00 and 23:59", value);
	return 0;
}

static int set_number(
	enum config_kind kind, const struct config_limits *limits, const char *value, void *member, struct error *err)
{
	const struct number_units *units = kind == CONFIG_DURATION			? &number_durations
					   : kind == CONFIG_SIZE || kind == CONFIG_RATE ? &number_sizes
											: &number_plain;
	int64_t number;

	if (number_parse(value, units, &number, err) < 0)
		return -1;
	if (kind == CONFIG_RATE && number && number < limits->lowest)
		return error_set(err, ERROR_INPUT, "'%s' is slower than %lld bytes each second", value,
			(long long)limits->lowest);
	if ((kind != CONFIG_RATE && number < limits->lowest) || number > limits->highest)
		return error_set(err, ERROR_INPUT, "'%s' is not within %lld and %lld", value,
			(long long)limits->lowest, (long long)limits->highest);
	if (kind == CONFIG_SIZE)
		*(uint64_t *)member = (uint64_t)number;
	else
		*(int64_t *)member = number;
	return 0;
}

static int set_choice(const char *choices, const char *value, unsigned *member, struct error *err)
{
	const char *choice = choices;

	for (unsigned i = 0; *choice; i++) {
		size_t len = strcspn(choice, " ");

		if (strlen(value) == len && strncmp(choice, value, len) == 0) {
			*member = i;
			return 0;
		}
		choice += len + strspn(choice + len, " ");
	}
	return error_set(err, ERROR_INPUT, "'%s' is none of: %s", value, choices);
}

static bool may_be_empty(enum config_kind kind)
{
	return kind == CONFIG_PATH_OR_NONE || kind == CONFIG_PROXY_OR_NONE || kind == CONFIG_URL_OR_NONE ||
	       kind == CONFIG_TEXT_OR_NONE || kind == CONFIG_DIGITS_OR_NONE || kind == CONFIG_TELEPHONE_OR_NONE || kind == CONFIG_USER_OR_NONE ||
	       kind == CONFIG_USERS || kind == CONFIG_PACKAGES_OR_NONE || kind == CONFIG_STAFF_OR_NONE ||
	       kind == CONFIG_UNITS || kind == CONFIG_RATES || kind == CONFIG_HOUR_OR_NONE || kind == CONFIG_RING_OR_NONE;
}

/* What is kept as it was written. */
static int check_as_written(
	enum config_kind kind, const struct config_limits *limits, const char *value, struct error *err)
{
	switch (kind) {
	case CONFIG_TEXT_OR_NONE:
		return check_text(value, limits, err);
	case CONFIG_URL_OR_NONE:
		return check_web_url(value, err);
	case CONFIG_PROXY_OR_NONE:
		return check_proxy(value, err);
	case CONFIG_DIGITS_OR_NONE:
		return check_digits(value, limits, err);
	case CONFIG_RING_OR_NONE:
		return candidate_check_ring(value, err);
	case CONFIG_HOUR_OR_NONE:
		return check_hour(value, err);
	default:
		return 0;
	}
}

int config_value_set(
	enum config_kind kind, const struct config_limits *limits, const char *value, void *member, struct error *err)
{
	if (!*value)
		return may_be_empty(kind) ? set_text("", 0, member, err)
					  : error_set(err, ERROR_INPUT, "the value is empty");
	switch (kind) {
	case CONFIG_PATH:
	case CONFIG_PATH_OR_NONE:
		return set_path(value, member, err);
	case CONFIG_TEXT_OR_NONE:
	case CONFIG_URL_OR_NONE:
	case CONFIG_PROXY_OR_NONE:
	case CONFIG_DIGITS_OR_NONE:
	case CONFIG_RING_OR_NONE:
	case CONFIG_HOUR_OR_NONE:
	case CONFIG_ZONE:
	case CONFIG_WINDOWS:
	case CONFIG_RATES:
		return check_as_written(kind, limits, value, err) < 0 ? -1
								      : set_text(value, strlen(value), member, err);
	case CONFIG_TELEPHONE_OR_NONE:
		return set_telephone(value, limits, member, err);
	case CONFIG_URLS:
		return set_list(value, check_url, member, err);
	case CONFIG_PACKAGES:
		return set_list(value, check_package, member, err);
	case CONFIG_USER:
	case CONFIG_USER_OR_NONE:
		return set_user(value, member, err);
	case CONFIG_USERS:
		return set_words(value, check_user, member, err);
	case CONFIG_PACKAGES_OR_NONE:
		return set_words(value, check_package, member, err);
	case CONFIG_STAFF_OR_NONE:
		return set_words(value, config_staff_check, member, err);
	case CONFIG_UNITS:
		return set_units(value, member, err);
	case CONFIG_CHOICE:
		return set_choice(limits->choices, value, member, err);
	case CONFIG_INTEGER:
	case CONFIG_DURATION:
	case CONFIG_SIZE:
	case CONFIG_RATE:
		return set_number(kind, limits, value, member, err);
	}
	return error_set(err, ERROR_USAGE, "no such kind of setting");
}

void config_value_clear(enum config_kind kind, void *member)
{
	switch (kind) {
	case CONFIG_URLS:
	case CONFIG_PACKAGES:
		list_clear(member);
		break;
	case CONFIG_CHOICE:
	case CONFIG_INTEGER:
	case CONFIG_DURATION:
	case CONFIG_SIZE:
	case CONFIG_RATE:
		break;
	default:
		free(*(char **)member);
		*(char **)member = NULL;
	}
}
