/* The work of one night, as its steps share it. */
#ifndef AGENT_NIGHT_NIGHT_WORK_H
#define AGENT_NIGHT_NIGHT_WORK_H

#include "agent/base/job_lines.h"
#include "agent/base/terminal.h"
#include "agent/choice/candidates.h"
#include "agent/choice/wanted.h"
#include "agent/night/pace.h"
#include "agent/server/distribution.h"
#include "updater/stage/stage.h"

struct night_options {
	bool any_hour;	  /* the button: the window does not matter */
	bool check_only;  /* asks what is new, fetches no payload */
	int64_t opens_s;  /* the window it belongs to; 0: none */
	int64_t closes_s; /* the end of the window; 0: none. Not a byte afterwards */
	bool by_hand;	  /* from a folder: that is no contact with the server */
	int stop_fd;	  /* readable: the window has ended, or the agent is to stop */
};

struct night {
	struct terminal *terminal;
	const struct night_options *options;
	struct job_lines *lines;
	struct job_result *result;
	struct distribution distribution;
	struct candidates candidates;
	struct wanted_list wanted;
	struct pace pace;
	struct stage_progress stage; /* of the package at work, as staging told it last */
	uint64_t stage_bytes;	     /* that had come in this job by then */
};

/* ERROR_STOPPED once its window has ended. */
WARN_UNUSED int night_window_is_over(const struct night *night, struct error *err);

#endif
