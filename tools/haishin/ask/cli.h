/* The command line `haishin`: what all its verbs share. docs/cli.md describes it to people. */
#ifndef TOOLS_HAISHIN_ASK_CLI_H
#define TOOLS_HAISHIN_ASK_CLI_H

#include <limits.h>
#include <stdbool.h>

#include "common/json.h"
#include "common/command_line/args.h"
#include "tools/haishin/ask/client.h"
#include "tools/haishin/draw/words.h"

#define CLI_MOST_WORDS 2

/* What was asked for. All borrowed from the arguments. */
struct cli {
	char socket_path[PATH_MAX];
	bool json;
	struct args args;		       /* its options, and those that every verb takes */
	const char *words[CLI_MOST_WORDS + 1]; /* what follows the verb; NULL behind the last */
	int words_count;
};

/* What `haishin` can do: one of the list in tools/haishin/verbs/verbs.h. Texts for people are marked by N_(). */
struct verb {
	const char *name;
	const char *words; /* what follows it, as the help shows that: "[PACKAGE]"; "" for nothing */
	int words_least;
	int words_most; /* at most CLI_MOST_WORDS */
	/* Beside those that every verb takes; NULL: none. Options of one name take a value at every verb, or at none. */
	const struct args_option *options;
	const char *meaning;
	int (*run)(const struct cli *cli); /* returns the exit status */
};

/* Calls, and on failure tells what failed: then *RET_STATUS is the exit status and NULL is returned. The answer is
 * the caller's. TAKE_PARAMETERS may be NULL. */
json_t *cli_ask(const struct cli *cli, const char *method, json_t *take_parameters, int *ret_status);
/* The same where a thing is named that may not be there: NOT_FOUND, translated already, says that better than the code's own words;
 * NULL: these do. */
json_t *cli_ask_for(const struct cli *cli, const char *method, json_t *take_parameters,
	const struct words_advice *not_found, int *ret_status);

/* Tells a failure: a sentence for staff and what to do next, or JSON. Returns the exit status. */
int cli_fail(const struct cli *cli, const struct client_answer *answer);
/* The same for a failure of this program's own. */
int cli_fail_with(const struct cli *cli, enum error_code code, const char *message);
/* The same where the code's own words, which are for staff, would mislead: SENTENCE and NEXT are translated already. */
int cli_fail_in_words(
	const struct cli *cli, enum error_code code, const char *message, const char *sentence, const char *next);

/* It was not called as it must be; FMT is marked by N_() and told in the user's language. */
int cli_usage(const struct cli *cli, const char *fmt, ...) __attribute__((__format__(__printf__, 2, 3)));

/* Ends a verb well: prints the answer as JSON where that was asked for. TAKE_ANSWER is released. Returns 0. */
int cli_done(const struct cli *cli, json_t *take_answer);

/* Adds a member unless TEXT is NULL. */
void cli_add_text(json_t *object, const char *key, const char *text);

#endif
