/* The command line `haishin`: what all its verbs share. docs/cli.md describes it to people. */
#ifndef TOOLS_HAISHIN_ASK_CLI_H
#define TOOLS_HAISHIN_ASK_CLI_H

#include <limits.h>
#include <stdbool.h>

#include "common/json.h"
#include "tools/haishin/ask/client.h"

/* What was asked for. All borrowed from the arguments. */
struct cli {
	char socket_path[PATH_MAX];
	const char *root; /* as given; NULL where not */
	const char *config;
	bool json;
	bool csv;
	bool jsonl;
	const char *package; /* options; NULL where not given */
	const char *since;
	const char *until;
	const char *outcome;
	const char *why;
	const char *limit;
	const char *campaign;
	const char *name;
	const char *telephone;
	const char *file;
	const char *key;
	char **words; /* what follows the verb */
	int words_count;
};

/* What may follow 'history', in tools/haishin/verbs/verb_history_file.c. */
int history_verify_here(const struct cli *cli); /* the agent's own records, or --file with --key */
int history_export_file(const struct cli *cli); /* to the file named, or to standard output */
int history_print_key(const struct cli *cli);

/* A verb returns the exit status. */
typedef int verb_function(const struct cli *cli);

verb_function verb_status, verb_check, verb_download_now, verb_history, verb_enable, verb_disable, verb_hold,
	verb_unhold, verb_rollback, verb_version, verb_explain, verb_env, verb_report, verb_doctor, verb_install;

/* Calls, and on failure tells what failed: then *RET_STATUS is the exit status and NULL is returned. The answer is
 * the caller's. TAKE_PARAMETERS may be NULL. */
json_t *cli_ask(const struct cli *cli, const char *method, json_t *take_parameters, int *ret_status);

/* Tells a failure: a sentence for staff and what to do next, or JSON. Returns the exit status. */
int cli_fail(const struct cli *cli, const struct client_answer *answer);
/* The same for a failure of this program's own. */
int cli_fail_with(const struct cli *cli, enum error_code code, const char *message);

/* It was not called as it must be; FMT is marked by N_() and told in the user's language. */
int cli_usage(const struct cli *cli, const char *fmt, ...) __attribute__((__format__(__printf__, 2, 3)));

/* Ends a verb well: prints the answer as JSON where that was asked for. TAKE_ANSWER is released. Returns 0. */
int cli_done(const struct cli *cli, json_t *take_answer);

/* Adds a member unless TEXT is NULL. */
void cli_add_text(json_t *object, const char *key, const char *text);

#endif
