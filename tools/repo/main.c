/* haishin-repo: keys, packages, catalog and campaigns; builds and signs a static repository (docs/publishing.md). */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "common/text.h"
#include "tools/repo/base/command.h"
#include "tools/repo/commands/commands.h"

static const struct command *const commands[] = {
#define COMMAND_ENTRY(name) &command_##name,
	EACH_COMMAND(COMMAND_ENTRY)
#undef COMMAND_ENTRY
};

static void print_usage(void)
{
	(void)puts("haishin-repo builds and signs a repository of packages for terminals.\n\n"
		   "  haishin-repo COMMAND [ARGUMENT...] [--OPTION...]\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		(void)printf("  %-11s %s\n", commands[i]->name, commands[i]->summary);
	(void)puts("\nFrom a folder to terminals: once \"init\" and \"delegate\"; then for each release \"pack\", "
		   "\"try\" and \"publish\".\n"
		   "\"haishin-repo COMMAND --help\" tells more about each.\n\n"
		   "  -h, --help     this text\n"
		   "  -V, --version");
}

static void print_command_help(const struct command *command)
{
	(void)printf("haishin-repo %s %s\n\n%s.\n%s%s\n", command->name, command->arguments, command->summary,
		command->help, *command->help ? "\n" : "");
	args_print_help(command->options);
	(void)printf("  %-28s %s\n", "--help", "this text");
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static bool is_either(const char *argument, const char *name, const char *short_name)
{
	return strcmp(argument, name) == 0 || strcmp(argument, short_name) == 0;
}

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (is_either(argv[i], "--help", "-h"))
			return true;
	return false;
}

/* The exit status; -1 where the command failed. */
static int run_command(const struct command *command, int argc, char **argv, struct error *err)
{
	struct tool tool;
	struct args args;
	struct clock clock;
	struct fs fs;
	struct log log;

	if (args_init(&args, ARGS_TABLES(command->options), argc, argv, err) < 0)
		return error_context(err, "%s", command->name);
	fs_init(&fs);
	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	log_init(&log, "haishin-repo");
	tool = (struct tool){.fs = &fs, .clock = &clock, .log = &log, .args = &args, .json = args_has(&args, "json")};
	return command->run(&tool, err) < 0 ? -1 : tool.exit_status;
}

static int report(const struct error *err, bool as_json)
{
	int exit_status = error_exit_status(err->code);
	char line[sizeof(err->text)];

	text_printable(err->text, line, sizeof(line)); /* names in it may come from a folder, an archive or a server */
	(void)fprintf(stderr, "haishin-repo: %s\n", line);
	if (as_json) {
		AUTO(json)
		json_t *json = JSON_OBJECT({
			json_text("error", error_code_name(err->code)),
			json_text("message", err->text),
			json_number("exit_status", exit_status),
		});

		if (tool_print_json(json, NULL) < 0)
			(void)fputs("haishin-repo: cannot print the error as JSON, ignored\n", stderr);
	}
	return exit_status;
}

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;
	struct error err = {0};
	bool as_json = false;
	int exit_status;

	if (command && asks_for_help(argc - 2, argv + 2)) {
		print_command_help(command);
		return 0;
	}
	/* libarchive converts names by the locale; ours are UTF-8 wherever we run. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	if (argc > 1 && is_either(argv[1], "--help", "-h")) {
		print_usage();
		return 0;
	}
	if (argc > 1 && is_either(argv[1], "--version", "-V")) {
		(void)puts("haishin-repo " HAISHIN_VERSION);
		return 0;
	}
	if (!command) {
		(void)error_set(&err, ERROR_USAGE, "%s%.80s; \"haishin-repo --help\" lists the commands",
			argc > 1 ? "there is no command " : "no command was given", argc > 1 ? argv[1] : "");
		return report(&err, false);
	}
	for (int i = 2; i < argc; i++)
		as_json |= strcmp(argv[i], "--json") == 0;
	exit_status = run_command(command, argc - 2, argv + 2, &err);
	return exit_status < 0 ? report(&err, as_json) : exit_status;
}
