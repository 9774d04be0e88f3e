/* One night's delivery, or one press of the button: the main job of all. */
#ifndef AGENT_NIGHT_NIGHT_H
#define AGENT_NIGHT_NIGHT_H

#include "agent/base/job_report.h"
#include "agent/base/terminal.h"

struct night_options {
	bool any_hour;	  /* the button: the window does not matter */
	bool check_only;  /* asks what is new, fetches no payload */
	int64_t opens_s;  /* the window it belongs to; 0: none */
	int64_t closes_s; /* the end of the window; 0: none. Not a byte afterwards */
	bool by_hand;	  /* from a folder: that is no contact with the server */
	int stop_fd;	  /* readable: the window has ended, or the agent is to stop */
};

/* ERROR_STOPPED: the window ended; what is done stays for the next night. Errors that concern one package are in its
 * delivery and do not keep the others from theirs; the one that says most about another attempt is returned once
 * nothing is left to do. */
WARN_UNUSED int night_run(struct terminal *terminal, const struct night_options *options, struct job_report *report,
	struct job_result *ret_result, struct error *err);

#endif
