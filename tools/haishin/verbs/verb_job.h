/* Watching a job of the agent from the command line. */
#ifndef TOOLS_HAISHIN_VERBS_VERB_JOB_H
#define TOOLS_HAISHIN_VERBS_VERB_JOB_H

#include "tools/haishin/ask/cli.h"

/* Calls a method that starts a job, shows how far it is, and hands the answer over at its end: then *RET_ANSWER is the
 * caller's. Else the failure has been told, *RET_ANSWER is left alone, and the exit status returned. TAKE_PARAMETERS
 * may be NULL. */
int job_watch(const struct cli *cli, const char *method, json_t *take_parameters, json_t **ret_answer);

/* What a job that delivers has brought, and what is next. */
void job_print_result(const json_t *result);

#endif
