/* The methods of the control socket: who may call them, with what, and what they answer. docs/control-protocol.md and
 * methods_describe() describe them. */
#ifndef AGENT_CONTROL_METHODS_H
#define AGENT_CONTROL_METHODS_H

#include "agent/control/varlink.h"
#include "agent/resident/resident.h"

/* Appends the interface in varlink's own language. */
WARN_UNUSED int methods_describe(struct buf *ret_text, struct error *err);

/* A varlink_handler; CONTEXT is the struct resident. */
void methods_handle(void *context, struct varlink_call *call);

/* ---- For the files that hold the methods. A method answers the call and returns 0, or returns -1 with ERR set. ---- */

#define METHOD_MOST_PARAMETERS 6

struct method_parameter {
	const char *name; /* NULL ends the list */
	json_type type;	  /* JSON_STRING or JSON_INTEGER */
	bool is_required;
};

/* One method: how it may be called, and how it is described, in varlink's language. */
struct method {
	const char *name;
	bool changes; /* only for those who may change things (F9) */
	struct method_parameter parameters[METHOD_MOST_PARAMETERS + 1];
	const char *types;   /* that only its answer uses, a line each; NULL: none */
	const char *meaning; /* NULL: the same as the one before, or plain */
	const char *result;  /* the members of its answer */
	int (*answer)(struct resident *resident, struct varlink_call *call, struct error *err);
};

/* In the order in which they are described. */
#define EACH_METHOD(METHOD)                                                                                          \
	METHOD(get_status)                                                                                           \
	METHOD(check)                                                                                                \
	METHOD(doctor)                                                                                               \
	METHOD(download_now)                                                                                         \
	METHOD(install)                                                                                              \
	METHOD(get_history)                                                                                          \
	METHOD(verify_history)                                                                                       \
	METHOD(export_history)                                                                                       \
	METHOD(get_key)                                                                                              \
	METHOD(disable)                                                                                              \
	METHOD(enable)                                                                                               \
	METHOD(hold)                                                                                                 \
	METHOD(unhold)                                                                                               \
	METHOD(rollback)                                                                                             \
	METHOD(explain)                                                                                              \
	METHOD(get_completion)                                                                                       \
	METHOD(get_environment)                                                                                      \
	METHOD(set_environment)                                                                                      \
	METHOD(get_version)

#define METHOD_DECLARATION(name) extern const struct method method_##name;
EACH_METHOD(METHOD_DECLARATION)
#undef METHOD_DECLARATION

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
