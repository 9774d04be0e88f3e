#include "tools/base/language.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The catalogues stand beside the program: PREFIX/bin/haishin, PREFIX/share/locale. */
static void find_catalogues(const char *domain)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - sizeof("/share/locale"));

	if (len < 0)
		return;
	path[len] = '\0';
	for (int level = 0; level < 2; level++) {
		char *slash = strrchr(path, '/');

		if (slash)
			*slash = '\0';
	}
	(void)strcat(path, "/share/locale");
	(void)bindtextdomain(domain, path);
}

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

/* gettext looks at LANGUAGE in every locale but "C" and, from Debian 13 on, "C.UTF-8", which is all that a small
 * installation has. For a territory that is nobody's the C library takes the locale without one (glibc manual, "Locale
 * Names"): this is C.UTF-8 by a name in which gettext does look. */
#define C_THAT_TRANSLATES "C_ZZ.UTF-8"

/* LANG=ja_JP.UTF-8 names a locale that is missing: LANGUAGE says what it asked for. */
static void stand_in(const char *wanted)
{
	const char *asked = getenv("LANGUAGE");
	char language[32];

	(void)setlocale(LC_CTYPE, C_THAT_TRANSLATES);
	(void)setlocale(LC_MESSAGES, C_THAT_TRANSLATES);
	(void)snprintf(language, sizeof(language), "%.*s", (int)strcspn(wanted, ".@"), wanted);
	(void)setenv("LANGUAGE", language, !asked || !*asked);
}

void language_choose(const char *domain)
{
	const char *wanted = wanted_locale();

	if (!setlocale(LC_ALL, "") && strcmp(wanted, "C") != 0 && strcmp(wanted, "POSIX") != 0)
		stand_in(wanted);
	else if (strncmp(wanted, "C.", 2) == 0)
		(void)setlocale(LC_MESSAGES, C_THAT_TRANSLATES);
	(void)setlocale(LC_NUMERIC, "C");
	find_catalogues(domain);
	(void)bind_textdomain_codeset(domain, "UTF-8");
	(void)textdomain(domain);
}
