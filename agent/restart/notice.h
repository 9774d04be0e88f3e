/* Tells staff that a restart is due (F7), and takes the notice back by itself. */
#ifndef AGENT_RESTART_NOTICE_H
#define AGENT_RESTART_NOTICE_H

#include "agent/base/terminal.h"

#define NOTICE_FILE "restart-due" /* in the run folder, while a restart is due; one line a package */

/* Brings the file in line with the plan and, when a restart has become due, runs the configured command. A failure is
 * for the log: the releases are staged all the same. */
void notice_update(struct terminal *terminal);

#endif
