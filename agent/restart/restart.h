/* A restart at a fixed time (F30), where the site wants one: only when something is staged, and only when nobody uses
 * the terminal. One try a day; a terminal that was switched on after that time is left alone until the next. */
#ifndef AGENT_RESTART_RESTART_H
#define AGENT_RESTART_RESTART_H

#include <stdint.h>

#include "agent/base/terminal.h"

/* When the next try is due; SCHEDULE_NEVER where none is wanted or nothing is staged. BOOT_S is when the machine
 * started. */
WARN_UNUSED int restart_due_s(struct terminal *terminal, int64_t boot_s, int64_t *ret_due_s, struct error *err);

/* The try: restarts the machine unless it is in use. Either is a row of the history. ERROR_FAILED where the command
 * fails. */
WARN_UNUSED int restart_run(struct terminal *terminal, struct error *err);

/* Makes one due tonight, at the configured time or at 04:30, once, under the same conditions. */
WARN_UNUSED int restart_ask_tonight(struct terminal *terminal, int64_t *ret_due_s, struct error *err);

/* Restarts the machine now: somebody asked for it, and that is a row of the history already. That it failed is another. */
WARN_UNUSED int restart_now(struct terminal *terminal, struct error *err);

#endif
