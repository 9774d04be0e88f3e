/* What a method of the control socket is, which there are, and what all of them ask of a call. A method answers
 * the call and returns 0, or returns -1 with ERR set. */
#ifndef AGENT_CONTROL_METHOD_H
#define AGENT_CONTROL_METHOD_H

#include "agent/resident/resident.h"
#include "agent/rights/change_kind.h"
#include "agent/varlink/varlink_answer.h"

#define METHOD_MOST_PARAMETERS 6

struct method_parameter {
	const char *name; /* NULL ends the list */
	json_type type;	  /* JSON_STRING or JSON_INTEGER */
	bool is_required;
};

/* One method: how it may be called, and how it is described, in varlink's language. */
struct method {
	const char *name;
	enum change_kind change; /* only for those who may change things (F9); CHANGE_NONE: for everybody */
	struct method_parameter parameters[METHOD_MOST_PARAMETERS + 1];
	const char *types;   /* that only its answer uses, a line each; NULL: none */
	const char *meaning; /* NULL: the same as the one before, or plain */
	const char *result;  /* the members of its answer */
	int (*answer)(struct resident *resident, struct varlink_call *call, struct error *err);
};

/* In the order in which they are described. */
#define EACH_METHOD(METHOD)                                                                                          \
	METHOD(get_status)                                                                                           \
	METHOD(watch)                                                                                                \
	METHOD(check)                                                                                                \
	METHOD(doctor)                                                                                               \
	METHOD(download_now)                                                                                         \
	METHOD(enrol)                                                                                                \
	METHOD(verify)                                                                                               \
	METHOD(get_notes)                                                                                            \
	METHOD(install)                                                                                              \
	METHOD(get_history)                                                                                          \
	METHOD(verify_history)                                                                                       \
	METHOD(export_history)                                                                                       \
	METHOD(get_key)                                                                                              \
	METHOD(disable)                                                                                              \
	METHOD(enable)                                                                                               \
	METHOD(hold)                                                                                                 \
	METHOD(unhold)                                                                                               \
	METHOD(restart)                                                                                              \
	METHOD(rollback)                                                                                             \
	METHOD(release)                                                                                              \
	METHOD(explain)                                                                                              \
	METHOD(get_completion)                                                                                       \
	METHOD(get_environment)                                                                                      \
	METHOD(set_environment)                                                                                      \
	METHOD(get_settings)                                                                                         \
	METHOD(set_setting)                                                                                          \
	METHOD(get_version)

#define METHOD_DECLARATION(name) extern const struct method method_##name;
EACH_METHOD(METHOD_DECLARATION)
#undef METHOD_DECLARATION

/* A parameter that is a text; NULL where it is missing. */
const char *method_text(const struct varlink_call *call, const char *name);

/* May the caller change things without being asked for more? */
bool method_may_change(const struct resident *resident, const struct varlink_call *call);

#define METHOD_WHO_SIZE 64
/* The caller's account name, for the history: nothing else about a person is recorded (F27). */
void method_who(const struct varlink_call *call, char ret_who[static METHOD_WHO_SIZE]);

/* A parameter that is a moment: in UTC, such as 2026-01-31T00:00:00Z, or a day on the terminal's wall as people write it, on the side
 * of SIDE where they leave the year out, which is its beginning, or its end where END_OF_DAY is true. 0 where it is missing.
 * ERROR_USAGE where it is neither. */
WARN_UNUSED int method_moment(const struct resident *resident, const struct varlink_call *call, const char *name,
	enum night_date_side side, bool end_of_day, int64_t *ret_time_s, struct error *err);

/* What helps does not wait for a delivery that goes on: *RET_WAITS tells that one was asked to end, and that the call is handled
 * anew when it has. ERROR_BUSY where what is at work is none. */
WARN_UNUSED int method_end_delivery(
	struct resident *resident, struct varlink_call *call, bool *ret_waits, struct error *err);

/* ERROR_NOT_FOUND where this terminal does not run the package. */
WARN_UNUSED int method_check_package(const struct resident *resident, const char *package, struct error *err);

#endif
