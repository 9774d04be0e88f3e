/* What may follow `haishin history`. Each returns the exit status. */
#ifndef TOOLS_HAISHIN_VERBS_HISTORY_VERB_HISTORY_FILE_H
#define TOOLS_HAISHIN_VERBS_HISTORY_VERB_HISTORY_FILE_H

#include "tools/haishin/ask/cli.h"

int history_verify_here(const struct cli *cli); /* the agent's own records, or --file with --key */
int history_export_file(const struct cli *cli); /* to the file named, or to standard output */
int history_print_key(const struct cli *cli);

#endif
