/* Sending releases back because somebody asked for it: one package, and whatever cannot stay without it. */
#ifndef AGENT_RESTART_CONDEMN_H
#define AGENT_RESTART_CONDEMN_H

#include "agent/base/terminal.h"
#include "rollback/plan.h"

/* Condemns in PLAN the release of PACKAGE that is current, on trial or confirmed long ago, for REASON: it goes back to
 * its former release. With it, in one group, go those of its group and every current release that requires a newer one
 * of it than the former; and those that require these, and so on. Releases that require them and only wait for a
 * restart leave the plan.
 * PLAN is changed in memory only, and of no use after a failure. ERROR_NOT_FOUND names the package that has no former
 * release to go back to. */
WARN_UNUSED int condemn(
	const struct terminal *terminal, struct plan *plan, const char *package, const char *reason, struct error *err);

#endif
