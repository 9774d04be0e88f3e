/* Prints FILE with its line @SETTINGS@ replaced by every setting of a terminal, from the one table in agent/config/config.c:
 * so the configuration file and the manual page that are installed never lag behind the program.
 *
 *   settings_text conf FILE    as commented lines of an INI file
 *   settings_text man FILE     as a list of mdoc(7) */
#include <stdio.h>
#include <string.h>

#include "agent/config/config.h"

#define LINE_SIZE 4096

static void print_as_conf(const struct config_setting *setting, bool begins_section)
{
	if (begins_section)
		(void)printf("\n[%s]\n", setting->section);
	(void)printf("# %s.\n#%s =%s%s\n", setting->meaning, setting->key, *setting->fallback ? " " : "",
		setting->fallback);
}

/* Text of a manual page: a hyphen is a minus, so that what is copied from the page works. */
static void print_escaped(const char *text)
{
	for (; *text; text++)
		if (*text == '-')
			(void)fputs("\\-", stdout);
		else if (*text == '\\')
			(void)fputs("\\e", stdout);
		else
			(void)putchar(*text);
}

static void print_as_man(const struct config_setting *setting, bool begins_section)
{
	if (begins_section)
		(void)printf(".It Cm [%s]\n", setting->section);
	(void)printf(".It Va %s\n", setting->key);
	print_escaped(setting->meaning);
	(void)fputs(".\n", stdout);
	if (!*setting->fallback)
		return;
	(void)fputs("Default:\n.Ql ", stdout);
	print_escaped(setting->fallback);
	(void)fputs(" .\n", stdout);
}

static void print_settings(void (*print)(const struct config_setting *setting, bool begins_section))
{
	const char *section = "";
	struct config_setting setting;

	for (size_t i = 0; config_setting_at(i, &setting); i++) {
		print(&setting, strcmp(section, setting.section) != 0);
		section = setting.section;
	}
}

int main(int argc, char **argv)
{
	bool as_man = argc == 3 && strcmp(argv[1], "man") == 0;
	FILE *template = argc == 3 ? fopen(argv[2], "r") : NULL;
	char line[LINE_SIZE];

	if (!template || (!as_man && strcmp(argv[1], "conf") != 0)) {
		(void)fputs("usage: settings_text conf|man FILE\n", stderr);
		return 2;
	}
	while (fgets(line, sizeof(line), template))
		if (strcmp(line, "@SETTINGS@\n") == 0)
			print_settings(as_man ? print_as_man : print_as_conf);
		else
			(void)fputs(line, stdout);
	(void)fclose(template);
	return fflush(stdout) != 0;
}
