/* haishin: what staff and scripts type. */
#include <stdio.h>
#include <string.h>

#include "common/command_line/language.h"
#include "tools/haishin/ask/place.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"
#include "tools/haishin/verbs/verbs.h"

static const struct verb *const verbs[] = {
#define VERB_ENTRY(name) &verb_##name,
	EACH_VERB(VERB_ENTRY)
#undef VERB_ENTRY
};

_Static_assert(ARRAY_SIZE(verbs) < ARGS_TABLES_MOST, "the options of all verbs are looked through at once");

/* What every verb takes. */
static const struct args_option options[] = {
	{"socket", "PATH", N_("the control socket of the agent")},
	{"root", "DIR", N_("the terminal that lies below a folder")},
	{"config", "FILE", N_("a configuration that says where the socket is")},
	{"json", NULL, N_("answers as JSON, errors too")},
	ARGS_HELP,
	ARGS_VERSION,
	{0},
};

/* ---- Help. ---- */

static int print_overview(void)
{
	(void)printf("%s haishin [--socket PATH | --root DIR | --config FILE] [--json] %s\n\n", _("usage:"),
		_("VERB ..."));
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const struct verb *verb = verbs[i];

		(void)printf("  %-13s%-10s", verb->name, verb->words);
		if (strlen(verb->words) > 10) /* the meaning gets a line of its own */
			(void)printf("\n%25s", "");
		(void)printf(" %s\n", _(verb->meaning));
	}
	(void)printf("\n%s\n",
		_("'haishin VERB --help' shows what a verb takes.\n"
		  "DATE is a day such as 2026-01-31. --json gives every answer as JSON, errors too.\n"
		  "Exit status: 0 done, 1 failed, 2 usage, 3 not found, 4 not now, 5 too soon, 7 not what was "
		  "signed,\n"
		  "8 no contact with the server, 9 no space, 75 busy, 130 interrupted."));
	return 0;
}

static void print_options(const struct args_option *table)
{
	for (; table && table->name; table++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "--%s%s%s", table->name, table->value ? " " : "",
			table->value ? table->value : "");
		(void)printf("  %-22s", name);
		if (strlen(name) > 22) /* the meaning gets a line of its own */
			(void)printf("\n%24s", "");
		(void)printf(" %s\n", _(table->help));
	}
}

static int print_help_of(const struct verb *verb)
{
	(void)printf("%s haishin %s%s%s%s\n\n%s\n\n", _("usage:"), verb->name, *verb->words ? " " : "", verb->words,
		verb->options ? " [--OPTION ...]" : "", _(verb->meaning));
	print_options(verb->options);
	if (verb->options)
		(void)putchar('\n');
	print_options(options);
	return 0;
}

/* ---- Arguments. ---- */

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
	return NULL;
}

static int print_help_named(const struct cli *cli, const char *name)
{
	const struct verb *verb = find_verb(name);

	return verb ? print_help_of(verb) : cli_usage(cli, N_("There is no '%s'."), name);
}

static int take_words(struct cli *cli, const struct verb *verb)
{
	const char *word;

	for (int i = 0; (word = args_positional(&cli->args, (size_t)i + 1)); i++) {
		if (i == verb->words_most || i == CLI_MOST_WORDS)
			return -1;
		cli->words[i] = word;
		cli->words_count = i + 1;
	}
	return cli->words_count < verb->words_least ? -1 : 0;
}

static int run_verb(struct cli *cli, const struct verb *verb, int argc, char **argv)
{
	struct error err = {0};

	if (take_words(cli, verb) < 0)
		return cli_usage(cli, N_("Write: haishin %s %s"), verb->name, verb->words);
	if (args_init(&cli->args, ARGS_TABLES(options, verb->options), argc, argv, &err) < 0)
		return cli_usage(cli, N_("'%s' does not take one of these options."), verb->name);
	if (place_find_socket(&cli->args, cli->socket_path, &err) < 0)
		return cli_fail_with(cli, err.code, err.text);
	return verb->run(cli);
}

static int run(struct cli *cli, int argc, char **argv)
{
	const struct args_option *every[ARRAY_SIZE(verbs) + 2] = {options}; /* an option may stand before its verb */
	const char *name;
	const struct verb *verb;
	size_t count = 1;
	bool is_wrong;

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (verbs[i]->options)
			every[count++] = verbs[i]->options;
	is_wrong = args_init(&cli->args, every, argc, argv, NULL) < 0;
	name = args_positional(&cli->args, 0);
	verb = find_verb(name);
	if (verb && args_has(&cli->args, "help"))
		return print_help_of(verb);
	if (name && strcmp(name, "help") == 0 && args_positional(&cli->args, 1))
		return print_help_named(cli, args_positional(&cli->args, 1));
	if (args_has(&cli->args, "help") || (name && strcmp(name, "help") == 0))
		return print_overview();
	if (!is_wrong && args_has(&cli->args, "version"))
		return printf("haishin %s\n", HAISHIN_VERSION) < 0;
	if (is_wrong)
		return cli_usage(cli, N_("There is no option '%s', or it lacks its value."), args_wrong(&cli->args));
	if (!name)
		return cli_usage(cli, N_("It does not say what to do."));
	if (!verb)
		return cli_usage(cli, N_("There is no '%s'."), name);
	return run_verb(cli, verb, argc, argv);
}

int main(int argc, char **argv)
{
	struct cli cli = {0};
	int status;

	for (int i = 1; i < argc; i++) /* so that a mistake in the options is told as JSON too */
		cli.json |= strcmp(argv[i], "--json") == 0;
	language_choose("haishin");
	status = run(&cli, argc - 1, argv + 1);
	return fflush(stdout) == 0 ? status : error_exit_status(ERROR_FAILED);
}
