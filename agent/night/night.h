/* One night's delivery, or one press of the button: the main job of all. */
#ifndef AGENT_NIGHT_NIGHT_H
#define AGENT_NIGHT_NIGHT_H

#include "agent/night/night_work.h"

/* ERROR_STOPPED: the window ended; what is done stays for the next night. Errors that concern one package are in its
 * delivery and do not keep the others from theirs; the one that says most about another attempt is returned once
 * nothing is left to do. */
WARN_UNUSED int night_run(struct terminal *terminal, const struct night_options *options, struct job_lines *lines,
	struct job_result *ret_result, struct error *err);

#endif
