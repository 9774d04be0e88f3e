/* haishin: what staff and scripts type. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "agent/config/config.h"
#include "agent/control/control.h"
#include "tools/haishin/ask/cli.h"
#include "tools/haishin/draw/language.h"
#include "tools/haishin/draw/output.h"
#include "tools/haishin/draw/words.h"

#define SOCKET_PATH "/run/haishin/" CONTROL_SOCKET_NAME

struct verb {
	const char *name;
	const char *words;   /* what follows it, for the usage */
	const char *options; /* the short names of the options it takes; json is every verb's */
	int words_least;
	int words_most;
	verb_function *function;
	const char *meaning;
};

static const struct verb verbs[] = {
	{"status", "", "", 0, 0, verb_status, N_("what is the case, and what to do")},
	{"check", "", "", 0, 0, verb_check, N_("ask the server what is new; download nothing")},
	{"download-now", "", "", 0, 0, verb_download_now, N_("download what is new now")},
	{"install", "PATH", "", 1, 1, verb_install, N_("take what is new from a repository in a folder")},
	{"history", "[verify | export [FILE] | key]", "psuolCJfk", 0, 2, verb_history,
		N_("what was delivered when; checks and exports the records")},
	{"enable", "", "", 0, 0, verb_enable, N_("resume delivery")},
	{"disable", "", "uw", 0, 0, verb_disable, N_("stop delivery on this terminal")},
	{"hold", "PACKAGE", "uw", 1, 1, verb_hold, N_("keep a package at its version")},
	{"unhold", "PACKAGE", "", 1, 1, verb_unhold, N_("end that")},
	{"rollback", "PACKAGE", "", 1, 1, verb_rollback, N_("go back to the former version")},
	{"explain", "[PACKAGE]", "", 0, 1, verb_explain, N_("why a package is, or is not, delivered now")},
	{"doctor", "", "", 0, 0, verb_doctor, N_("walk the way to the server and say what is wrong")},
	{"report", "", "cntC", 0, 0, verb_report, N_("the completion report of a campaign, filled in")},
	{"env", "[NAME]", "", 0, 1, verb_env, N_("show the environment to connect to, or switch it")},
	{"version", "", "", 0, 0, verb_version, N_("print the versions")},
};

static const struct option options[] = {
	{"socket", required_argument, NULL, 'S'},
	{"root", required_argument, NULL, 'R'},
	{"config", required_argument, NULL, 'F'},
	{"json", no_argument, NULL, 'j'},
	{"package", required_argument, NULL, 'p'},
	{"since", required_argument, NULL, 's'},
	{"until", required_argument, NULL, 'u'},
	{"outcome", required_argument, NULL, 'o'},
	{"limit", required_argument, NULL, 'l'},
	{"campaign", required_argument, NULL, 'c'},
	{"name", required_argument, NULL, 'n'},
	{"telephone", required_argument, NULL, 't'},
	{"file", required_argument, NULL, 'f'},
	{"key", required_argument, NULL, 'k'},
	{"csv", no_argument, NULL, 'C'},
	{"jsonl", no_argument, NULL, 'J'},
	{"why", required_argument, NULL, 'w'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* What was given, before it is known to make sense. */
struct arguments {
	const char *socket;
	const char *root;
	const char *config;
	char given[16]; /* short names of the verb's options */
	bool help;
	const char *wrong; /* an option that there is not; NULL: none */
};

/* ---- Help. ---- */

static void print_help(FILE *out)
{
	(void)fprintf(out, "%s haishin [--socket PATH | --root DIR | --config FILE] [--json] %s\n\n", _("usage:"),
		_("VERB ..."));
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const struct verb *verb = &verbs[i];

		(void)fprintf(out, "  %-13s%-10s", verb->name, verb->words);
		if (strlen(verb->words) > 10) /* the meaning gets a line of its own */
			(void)fprintf(out, "\n%25s", "");
		(void)fprintf(out, " %s\n", _(verb->meaning));
	}
	(void)fprintf(out, "\n%s\n",
		_("  history   [--package NAME] [--since DATE] [--until DATE] [--outcome "
		  "done|begun|refused|failed|stopped]\n"
		  "            [--limit COUNT] [--csv | --jsonl]\n"
		  "  history verify   [--file EXPORT --key PUBLIC]\n"
		  "  report   [--campaign NUMBER] [--name TEXT] [--telephone DIGITS] [--csv]\n"
		  "  disable, hold   [--until DATE] [--why TEXT]\n"
		  "\n"
		  "DATE is a day such as 2026-01-31. --json gives every answer as JSON, errors too.\n"
		  "Exit status: 0 done, 1 failed, 2 usage, 3 not found, 4 disabled, 5 too soon, 7 refused as "
		  "untrusted,\n"
		  "8 no contact with the server, 9 no space, 75 busy, 130 interrupted."));
}

/* ---- Arguments. ---- */

/* The member that an option's value goes to; NULL for an option without a value. */
static const char **value_of(int option, struct cli *cli)
{
	const struct {
		char option;
		const char **value;
	} values[] = {
		{'p', &cli->package},
		{'s', &cli->since},
		{'u', &cli->until},
		{'o', &cli->outcome},
		{'l', &cli->limit},
		{'c', &cli->campaign},
		{'n', &cli->name},
		{'t', &cli->telephone},
		{'f', &cli->file},
		{'k', &cli->key},
		{'w', &cli->why},
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (values[i].option == option)
			return values[i].value;
	return NULL;
}

/* What every verb takes. False for another option. */
static bool take_common_option(int option, struct cli *cli, struct arguments *arguments)
{
	switch (option) {
	case 'S':
		arguments->socket = optarg;
		return true;
	case 'R':
		arguments->root = optarg;
		return true;
	case 'F':
		arguments->config = optarg;
		return true;
	case 'j':
		cli->json = true;
		return true;
	case 'h':
		arguments->help = true;
		return true;
	default:
		return false;
	}
}

static void take_option(int option, struct cli *cli, struct arguments *arguments)
{
	const char **value = value_of(option, cli);

	if (take_common_option(option, cli, arguments))
		return;
	if (option != 'C' && option != 'J' && !value) {
		return;
	}
	cli->csv |= option == 'C';
	cli->jsonl |= option == 'J';
	if (value)
		*value = optarg;
	if (!strchr(arguments->given, option))
		arguments->given[strlen(arguments->given)] = (char)option;
}

static void read_arguments(int argc, char **argv, struct cli *cli, struct arguments *arguments)
{
	int option;

	for (int i = 1; i < argc; i++) /* so that a mistake in the options is told as JSON too */
		cli->json |= strcmp(argv[i], "--json") == 0;
	opterr = 0; /* run() tells */
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == '?' && !arguments->wrong)
			arguments->wrong = argv[optind - 1];
		take_option(option, cli, arguments);
	}
	cli->words = argv + optind;
	cli->root = arguments->root;
	cli->config = arguments->config;
	cli->words_count = argc - optind;
}

static int find_socket(struct cli *cli, const struct arguments *arguments, struct error *err)
{
	AUTO(config) struct config config = {0};
	struct fs fs;
	int len;

	if (arguments->socket) {
		len = snprintf(cli->socket_path, sizeof(cli->socket_path), "%s", arguments->socket);
	} else if (arguments->config) {
		fs_init(&fs);
		if (config_load(&fs, arguments->config, arguments->root, &config, err) < 0)
			return -1;
		len = snprintf(
			cli->socket_path, sizeof(cli->socket_path), "%s/" CONTROL_SOCKET_NAME, config.run_path);
	} else {
		len = snprintf(cli->socket_path, sizeof(cli->socket_path), "%s" SOCKET_PATH,
			arguments->root ? arguments->root : "");
	}
	if (len < 0 || (size_t)len >= sizeof(cli->socket_path))
		return error_set(err, ERROR_USAGE, "the path of the socket is too long");
	return 0;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int run(struct cli *cli, const struct arguments *arguments)
{
	const struct verb *verb = cli->words_count ? find_verb(cli->words[0]) : NULL;
	struct error err = {0};

	if (arguments->help || (cli->words_count && strcmp(cli->words[0], "help") == 0)) {
		print_help(stdout);
		return 0;
	}
	if (arguments->wrong)
		return cli_usage(cli, N_("There is no option '%s', or it lacks its value."), arguments->wrong);
	if (!cli->words_count)
		return cli_usage(cli, N_("It does not say what to do."));
	if (!verb)
		return cli_usage(cli, N_("There is no '%s'."), cli->words[0]);
	cli->words++;
	cli->words_count--;
	if (cli->words_count < verb->words_least || cli->words_count > verb->words_most)
		return cli_usage(cli, N_("Write: haishin %s %s"), verb->name, verb->words);
	if (arguments->given[strspn(arguments->given, verb->options)])
		return cli_usage(cli, N_("'%s' does not take one of these options."), verb->name);
	if (find_socket(cli, arguments, &err) < 0)
		return cli_fail_with(cli, err.code, err.text);
	return verb->function(cli);
}

int main(int argc, char **argv)
{
	struct cli cli = {0};
	struct arguments arguments = {0};
	int status;

	language_choose();
	read_arguments(argc, argv, &cli, &arguments);
	status = run(&cli, &arguments);
	return fflush(stdout) == 0 ? status : error_exit_status(ERROR_FAILED);
}
