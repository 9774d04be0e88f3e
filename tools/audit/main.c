/* haishin-audit: checks the ledger and what is proven by it, believing nobody (docs/ledger.md). */
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "common/text.h"
#include "tools/audit/commands.h"
#include "common/command_line/language.h"

enum { HOLDS = 0, DOES_NOT_HOLD = 1, USAGE = 2 };

static const struct args_option options[] = {
	{"policy", "FILE", N_("whom to believe: the log's key, and which witnesses must have cosigned")},
	{"root", "FILE",
		N_("the root of trust of the repository, such as a terminal's /usr/share/haishin/root.json")},
	{"ca", "FILE", N_("the authority of the terminals' client certificates, PEM")},
	{"since", "FILE", N_("a checkpoint, or what --keep wrote: tells what changed, and goes on from there")},
	{"keep", "FILE", N_("where all holds, write what the next audit goes on from")},
	{"key", "FILE", N_("the terminal's public key, of 'haishin history key'")},
	{"json", NULL, N_("the verdict as JSON")},
	ARGS_HELP,
	ARGS_VERSION,
	{0},
};

static const struct {
	const char *name;
	int (*run)(const struct args *args, struct error *err);
} commands[] = {
	{"delivery", audit_delivery_command},
	{"log", audit_log_command},
	{"history", audit_history_command},
};

static void print_help(void)
{
	(void)puts(_(
		"Usage: haishin-audit delivery FILE --policy FILE --root FILE --ca FILE [--json]\n"
		"       haishin-audit log FOLDER-OR-ADDRESS --policy FILE [--since FILE] [--keep FILE] [--json]\n"
		"       haishin-audit history FILE... --key FILE [--policy FILE] [--json]\n"
		"\n"
		"Checks what terminals and their servers say, without believing any of them. Ends with 0 where all\n"
		"holds, 1 where something does not or could not be checked, 2 where it is called wrongly.\n"));
	args_print_help(options);
}

static int run(const struct args *args, struct error *err)
{
	const char *name = args_positional(args, 0);

	for (size_t i = 0; name && i < ARRAY_SIZE(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(args, err);
	return error_set(err, ERROR_USAGE, _("say what is to be checked: delivery, log or history; see --help"));
}

/* Why nothing came of it, for people. */
static const char *sentence_of(const struct error *err)
{
	switch (err->code) {
	case ERROR_NOT_FOUND:
		return _("A file or folder that was named is not there: nothing was checked.");
	case ERROR_INPUT:
	case ERROR_REFUSED:
		return _("A file that was named is not what it should be, and proves nothing.");
	default:
		return _("It could not be checked, and nothing is known of it.");
	}
}

static int fail(const struct args *args, const struct error *err)
{
	char cause[sizeof(err->text)];

	text_printable(err->text, cause, sizeof(cause));
	if (args_has(args, "json"))
		(void)printf("{\"holds\":%s,\"error\":\"%s\"}\n", err->code == ERROR_INPUT ? "false" : "null",
			error_code_name(err->code));
	if (err->code == ERROR_USAGE) {
		(void)fprintf(stderr, "haishin-audit: %s\n", cause);
		return USAGE;
	}
	(void)fprintf(stderr, "haishin-audit: %s\n", sentence_of(err));
	(void)fprintf(stderr, _("  (for support: %s)\n"), cause);
	return DOES_NOT_HOLD;
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct args args;
	int result;

	language_choose("haishin-audit");
	if (args_init(&args, ARGS_TABLES(options), argc - 1, argv + 1, &err) < 0) {
		(void)fprintf(stderr, "haishin-audit: %s\n", err.text);
		return USAGE;
	}
	if (args_has(&args, "help")) {
		print_help();
		return fflush(stdout) != 0;
	}
	if (args_has(&args, "version"))
		return printf("haishin-audit %s\n", HAISHIN_VERSION) < 0;
	result = run(&args, &err);
	if (result < 0)
		return fail(&args, &err);
	return fflush(stdout) == 0 && result == 0 ? HOLDS : DOES_NOT_HOLD;
}
