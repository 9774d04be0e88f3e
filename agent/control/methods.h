/* The methods of the control socket: who may call them, with what, and what they answer. docs/control-protocol.md and
 * methods_description describe them. */
#ifndef AGENT_CONTROL_METHODS_H
#define AGENT_CONTROL_METHODS_H

#include "agent/control/varlink.h"
#include "agent/resident/resident.h"

/* The interface in varlink's own language. */
extern const char methods_description[];

/* A varlink_handler; CONTEXT is the struct resident. */
void methods_handle(void *context, struct varlink_call *call);

/* ---- For the files that hold the methods. A method answers the call and returns 0, or returns -1 with ERR set. ----
 */

typedef int method_function(struct resident *resident, struct varlink_call *call, struct error *err);

method_function method_get_history, method_verify_history, method_export_history, method_get_key;
method_function method_disable, method_enable, method_hold, method_unhold;
method_function method_rollback, method_install;
method_function method_get_completion;
method_function method_get_environment, method_set_environment;
method_function method_explain;

/* A parameter that is a text; NULL where it is missing. */
const char *methods_text(const struct varlink_call *call, const char *name);

#define METHODS_WHO_SIZE 64
/* The caller's account name, for the history: nothing else about a person is recorded (F27). */
void methods_who(const struct varlink_call *call, char ret_who[static METHODS_WHO_SIZE]);

/* A parameter that is a moment: in UTC, such as 2026-01-31T00:00:00Z, or a day such as 2026-01-31 on the terminal's
 * wall, which is its beginning, or its end where END_OF_DAY is true. 0 where it is missing. ERROR_USAGE where it is
 * neither. */
WARN_UNUSED int methods_moment(const struct resident *resident, const struct varlink_call *call, const char *name,
	bool end_of_day, int64_t *ret_time_s, struct error *err);

/* ERROR_NOT_FOUND where this terminal does not run the package. */
WARN_UNUSED int methods_check_package(const struct resident *resident, const char *package, struct error *err);

#endif
