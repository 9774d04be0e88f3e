/* A subcommand of haishin-repo, and what all of them are given. */
#ifndef TOOLS_REPO_BASE_COMMAND_H
#define TOOLS_REPO_BASE_COMMAND_H

#include <stdbool.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/fs.h"
#include "common/json.h"
#include "common/log.h"
#include "common/command_line/args.h"

struct tool {
	struct fs *fs;
	const struct clock *clock;
	const struct log *log; /* warnings, on stderr */
	const struct args *args;
	bool json;	 /* results on stdout are JSON */
	int exit_status; /* with which the program ends although the command has answered; 0 */
};

struct command {
	const char *name;
	const char *arguments; /* as the help shows them */
	const char *summary;   /* one line */
	const char *help;      /* what else there is to know; may be empty */
	const struct args_option *options;
	int (*run)(struct tool *tool, struct error *err);
};

/* Options that stand in the tables of many commands. */
#define OPTION_REPO                                                                                                  \
	{                                                                                                            \
		"repo", "DIR", "the publisher's folder; default: the current one"                                    \
	}
#define OPTION_KEYS                                                                                                  \
	{                                                                                                            \
		"keys", "DIR", "where key files are; may be given several times"                                     \
	}
#define OPTION_PASSPHRASE_FILE                                                                                       \
	{                                                                                                            \
		"passphrase-file", "FILE", "its first line opens the private keys"                                   \
	}
#define OPTION_PASSPHRASE_FD                                                                                         \
	{                                                                                                            \
		"passphrase-fd", "N", "the same from an open descriptor"                                             \
	}
#define OPTION_PIN_FILE                                                                                              \
	{                                                                                                            \
		"pin-file", "FILE", "its first line opens the token that holds private keys"                         \
	}
#define OPTION_PIN_FD                                                                                                \
	{                                                                                                            \
		"pin-fd", "N", "the same from an open descriptor"                                                    \
	}
#define OPTION_JSON                                                                                                  \
	{                                                                                                            \
		"json", NULL, "print the result as JSON"                                                             \
	}
#define OPTIONS_END                                                                                                  \
	{                                                                                                            \
		NULL, NULL, NULL                                                                                     \
	}
#define OPTIONS_SIGNING                                                                                              \
	OPTION_REPO, OPTION_KEYS, OPTION_PASSPHRASE_FILE, OPTION_PASSPHRASE_FD, OPTION_PIN_FILE, OPTION_PIN_FD

/* Says that WHAT is staged and what comes next: `publish`, or the MISSING signatures of ROLE. */
void tool_tell_staged(const char *what, const char *role, int64_t missing);

/* Prints a result as JSON in readable form. */
WARN_UNUSED int tool_print_json(const json_t *json, struct error *err);

#endif
