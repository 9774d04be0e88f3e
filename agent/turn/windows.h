/* Which windows there are, by the settings, the kept catalog, and staff's word; and whether the clock can be
 * believed that tells which of them is open. */
#ifndef AGENT_TURN_WINDOWS_H
#define AGENT_TURN_WINDOWS_H

#include "agent/base/terminal.h"
#include "manifests/catalog/catalog.h"
#include "scheduler/schedule.h"

/* What settings and campaigns allow: the one place that makes rules of them, for agenda, night, status and explain alike. CATALOG,
 * borrowed, may be NULL. What staff disabled is not in it: explain tells that by itself, and whoever asks at any hour passes it by. */
struct schedule_rules windows_rules_of(const struct terminal *terminal, const struct catalog *catalog);

/* The same by the kept catalog, for what goes on while delivery is disabled too. RET_CATALOG owns the campaigns; it is NULL before the
 * first contact. */
struct schedule_rules windows_rules_whatever_staff_said(struct terminal *terminal, struct catalog **ret_catalog);

/* The rules as they stand: these, and staff's word. */
WARN_UNUSED int windows_rules(
	struct terminal *terminal, struct catalog **ret_catalog, struct schedule_rules *ret_rules, struct error *err);

/* The window of the terminal as a whole at this moment, or the next one; a disabled terminal's is SCHEDULE_DISABLED.
 */
WARN_UNUSED int windows_ask(struct terminal *terminal, struct schedule_answer *ret_answer, struct error *err);

/* The first window that opens after this moment, as it would be without staff's word: when the next contact is due. */
void windows_ask_after(struct terminal *terminal, struct schedule_answer *ret_answer);

/* Signed metadata has vouched for a later time than the clock shows: what fails then fails because of it. */
bool windows_clock_is_behind(const struct terminal *terminal);

#endif
