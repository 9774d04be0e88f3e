#include "common/command_line/language.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The locale that the environment asks messages to be in. */
static const char *wanted_locale(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return "C";
}

/* LANG=ja_JP.UTF-8 names a locale that is missing: LANGUAGE says what it asked for. */
static void stand_in(const char *wanted)
{
	const char *asked = getenv("LANGUAGE");
	char language[32];

	(void)setlocale(LC_CTYPE, CATALOGUE_LOCALE);
	(void)setlocale(LC_MESSAGES, CATALOGUE_LOCALE);
	(void)snprintf(language, sizeof(language), "%.*s", (int)strcspn(wanted, ".@"), wanted);
	(void)setenv("LANGUAGE", language, !asked || !*asked);
}

void language_choose(const char *domain)
{
	const char *wanted = wanted_locale();

	if (!setlocale(LC_ALL, "") && strcmp(wanted, "C") != 0 && strcmp(wanted, "POSIX") != 0)
		stand_in(wanted);
	else if (strncmp(wanted, "C.", 2) == 0)
		(void)setlocale(LC_MESSAGES, CATALOGUE_LOCALE);
	(void)setlocale(LC_NUMERIC, "C");
	catalogue_find(domain);
	(void)textdomain(domain);
}

void language_code(char ret_code[static LANGUAGE_CODE_SIZE])
{
	const char *locale = setlocale(LC_MESSAGES, NULL), *asked = getenv("LANGUAGE");
	bool is_none = !locale || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0;
	const char *words = is_none ? "en" : asked && *asked ? asked : wanted_locale();

	(void)snprintf(ret_code, LANGUAGE_CODE_SIZE, "%.*s", (int)strcspn(words, "_.@:"), words);
}
