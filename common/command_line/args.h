/* Command lines: options by name in any order, positional arguments, and the help text, all from tables. */
#ifndef COMMON_COMMAND_LINE_ARGS_H
#define COMMON_COMMAND_LINE_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "common/words/catalogue.h"

struct args_option {
	const char *name;  /* without the hyphens in front; NULL ends the table */
	const char *value; /* what its value is called in the help; NULL: it takes none */
	const char *help;
};

/* Options that every program has. */
#define ARGS_HELP                                                                                                    \
	{                                                                                                            \
		"help", NULL, N_("this text")                                                                        \
	}
#define ARGS_VERSION                                                                                                 \
	{                                                                                                            \
		"version", NULL, N_("the version of this program")                                                   \
	}

#define ARGS_TABLES_MOST 32

struct args {
	const struct args_option *tables[ARGS_TABLES_MOST + 1]; /* NULL ends them */
	int argc;
	char **argv;
};

/* Several tables. What it names is gone with the statement in which it stands: args_init() keeps what is in it. */
#define ARGS_TABLES(...) ((const struct args_option *const[]){__VA_ARGS__, NULL})

/* Checks that every option is in one of the tables and has its value: ERROR_USAGE otherwise. -h and -V are --help and --version
 * where these are in a table. TABLES and ARGV, which
 * begins behind the program's name, are borrowed. What stands behind "--" is no option. */
WARN_UNUSED int args_init(
	struct args *args, const struct args_option *const *tables, int argc, char **argv, struct error *err);
/* The argument at fault where args_init() fails. */
const char *args_wrong(const struct args *args);

/* The value of the INDEXth --NAME (or "" for an option without a value); NULL where there is none. */
const char *args_nth(const struct args *args, const char *name, size_t index);
/* The last one. */
const char *args_get(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);

/* ERROR_USAGE where it is missing. */
WARN_UNUSED int args_want(const struct args *args, const char *name, const char **ret_value, struct error *err);
/* A whole number; left alone where the option is missing. ERROR_USAGE where it is not between LOWEST and HIGHEST. */
WARN_UNUSED int args_integer(const struct args *args, const char *name, int64_t lowest, int64_t highest,
	int64_t *ret_value, struct error *err);

/* The INDEXth argument that is no option; NULL behind the last. */
const char *args_positional(const struct args *args, size_t index);
/* ERROR_USAGE unless there are LEAST to MOST positional arguments, which are called WHAT. */
WARN_UNUSED int args_want_positional(
	const struct args *args, size_t least, size_t most, const char *what, struct error *err);

/* Prints one line for each option, its help in the language that the program has chosen, if it has. */
void args_print_help(const struct args_option *options);

#endif
