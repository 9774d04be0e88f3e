/* The kinds of jobs: what haishind --job can be asked to do, and what the agenda puts in its order. */
#ifndef AGENT_BASE_JOB_KIND_H
#define AGENT_BASE_JOB_KIND_H

#include "common/error.h"

/* KIND(enumerator, name, what staff call it). */
/* clang-format off */
#define EACH_JOB_KIND(KIND) \
	KIND(NIGHT, "night", N_("nightly delivery")) /* the terminal's slot in the window */                           \
	KIND(BUTTON, "button", N_("download now")) /* download now: ignores the window, not the rest */                \
	KIND(INSTALL, "install", N_("installation by hand")) /* by hand, from a folder */                              \
	KIND(ENROL, "enrol", N_("enrolment")) /* gets this terminal's certificate for a one-time code */               \
	KIND(CHECK, "check", N_("check")) /* asks what is new, fetches no payload */                                   \
	KIND(CONFIRM, "confirm", N_("health check")) /* health checks of what was activated */                         \
	KIND(DOCTOR, "doctor", N_("the doctor")) /* walks the way to the server and says what is wrong */              \
	KIND(VERIFY, "verify", N_("look at the installed files")) /* reads the files of current releases */            \
	KIND(RESTART, "restart", N_("restart")) /* restarts the machine at the configured time, unless it is in use */ \
	KIND(RESTART_NOW, "restart-now", N_("restart")) /* the same now, since somebody asked for it */                \
	KIND(POWER_DOWN, "power-down", N_("power down")) /* a machine that was woken for its turn, unless it is in use */
/* clang-format on */

#define JOB_LISTED(enumerator, name, word) " " name
#define JOB_KIND_NAMES EACH_JOB_KIND(JOB_LISTED) /* " night button ..." */

enum job_kind {
#define JOB_ENUMERATOR(enumerator, name, word) JOB_##enumerator,
	EACH_JOB_KIND(JOB_ENUMERATOR)
#undef JOB_ENUMERATOR
};

const char *job_kind_name(enum job_kind kind);
WARN_UNUSED int job_kind_parse(const char *name, enum job_kind *ret_kind, struct error *err);

#endif
