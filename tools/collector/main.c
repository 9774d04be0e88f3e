/* haishin-collector: the fleet's side. */
#include <stdio.h>
#include <string.h>

#include "tools/collector/commands.h"
#include "tools/collector/settings.h"

static const struct args_option options[] = {
	{"config", "FILE", "settings; " SETTINGS_FILE " unless said otherwise"},
	{"set", "SECTION.KEY=VALUE", "a setting in place of the file's, such as store.url=/tmp/collector.db"},
	{"store", "URL", "the same as --set store.url=URL"},
	{"keep", "DAYS", "the same as --set store.keep_days=DAYS"},
	{"port-file", "FILE", "serve: write the port to FILE once connections are accepted"},
	{"check", NULL, "say all that is wrong with the settings and the files they name, and end"},
	{"begin-ledger", NULL, "make an empty ledger as the settings say, print its key, and end"},
	{"begin-authority", NULL, "make an authority for client certificates as the settings say, and end"},
	{"institution", "CODE", "the code, 10 digits, that the certificate bears (enrol), or of whose NAME (revoke)"},
	{"ring", "RING", "enrol: a group of terminals, such as pilot, which gets releases before others"},
	{"why", "TEXT", "revoke, brake: the reason, for the list"},
	{"serial", "NUMBER", "revoke: this certificate alone"},
	{"terminal", "KEY", "certificate: of which terminal, by the id of its own key"},
	{"package", "PACKAGE", "certificate: of which package"},
	{"release", "VERSION", "certificate: of which release"},
	{"output", "FILE", "certificate: write it to this file, which must not be there yet"},
	{"json", NULL, "enrol, certificates, revoke: the answer as JSON"},
	{"help", NULL, "this text"},
	{"version", NULL, "the version"},
	{0},
};

static const struct command {
	const char *name, *words;
	size_t least, most;
	const char *meaning;
	int (*run)(const struct command_context *context, struct error *err);
} commands[] = {
#define COMMAND_ROW(name, words, least, most, meaning) {#name, words, least, most, meaning, command_##name},
	EACH_COMMAND(COMMAND_ROW)
#undef COMMAND_ROW
};

static int print_help(void)
{
	(void)puts("Usage: haishin-collector [COMMAND] [OPTION...]\n"
		   "Takes the reports of terminals, and answers operators, vendors and auditors.\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		(void)printf("  %-12s %-8s %s\n", commands[i].name, commands[i].words, commands[i].meaning);
	(void)puts("");
	args_print_help(options);
	return fflush(stdout) != 0;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* Options that stand for a command take no words. */
static int choose(const struct args *args, int (**ret_run)(const struct command_context *, struct error *),
	struct error *err)
{
	const char *name = args_positional(args, 0);
	const struct command *command = find_command(name ? name : "serve");

	*ret_run = args_has(args, "check")	     ? command_check
		   : args_has(args, "begin-ledger")    ? command_begin_ledger
		   : args_has(args, "begin-authority") ? command_begin_authority
						       : NULL;
	if (*ret_run)
		return args_want_positional(args, 0, 0, "", err);
	if (!command)
		return error_set(err, ERROR_USAGE, "there is no command '%.64s'; --help lists them", name);
	*ret_run = command->run;
	return name ? args_want_positional(args, command->least + 1, command->most + 1, command->words, err) : 0;
}

static int run(const struct args *args, const struct log *log, struct error *err)
{
	AUTO(config) struct config config = {0};
	struct clock clock;
	struct command_context context = {.args = args, .config = &config, .clock = &clock, .log = log};
	int (*command)(const struct command_context *, struct error *);

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	if (choose(args, &command, err) < 0 || settings_load(args, &config, err) < 0)
		return -1;
	return command(&context, err);
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct args args;
	struct log log;

	log_init(&log, "haishin-collector");
	if (args_init(&args, ARGS_TABLES(options), argc - 1, argv + 1, &err) == 0) {
		if (args_has(&args, "help"))
			return print_help();
		if (args_has(&args, "version"))
			return printf("haishin-collector %s\n", HAISHIN_VERSION) < 0;
		if (run(&args, &log, &err) == 0)
			return 0;
	}
	log_line(&log, LOG_LEVEL_ERROR, "%s", err.text);
	return error_exit_status(err.code);
}
