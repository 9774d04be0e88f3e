/* What may be the case, and what has to be said of it. */
#ifndef TESTS_AGENT_STATUS_SITUATIONS_SITUATION_H
#define TESTS_AGENT_STATUS_SITUATIONS_SITUATION_H

#include "tests/agent/status/situations/stage.h"

struct situation {
	const char *name; /* NULL ends a table */
	/* What brings it about, and leaves the settings as they are to be: a function, or a command for stage_run_on_terminal(). */
	void (*seed)(struct stage *stage);
	const char *command;
	const char *gate;    /* that decides; "" for none: it may come; NULL where there is no agent to ask */
	const char *finding; /* of the doctor; "name-" stands for any that begins so */
	const char *reason;  /* of the verdict */
};

/* Whether a package may come: catalog, campaign, pauses, its own state. */
extern const struct situation situations_of_delivery[];
/* What a server, a proxy or a certificate makes of it. */
extern const struct situation situations_of_server[];
/* What is wrong with the terminal itself. */
extern const struct situation situations_of_machine[];

#endif
