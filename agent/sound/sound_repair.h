/* While a repaired copy of the current release waits or is on trial, the damaged one is its way back; the release before it must
 * stay, as it is the way back once the copy is confirmed. */
#ifndef AGENT_SOUND_SOUND_REPAIR_H
#define AGENT_SOUND_SOUND_REPAIR_H

#include "agent/base/terminal.h"
#include "rollback/plan.h"
#include "rollback/versions.h"

/* True where ENTRY brings a repaired copy of what was current before it. */
bool sound_repair_is_one(const struct plan_entry *entry);

/* Notes the way back of PACKAGE as it is before the repaired copy becomes current. */
WARN_UNUSED int sound_repair_note(struct terminal *terminal, const char *package, struct error *err);
/* As it was noted; "" for none. */
WARN_UNUSED int sound_repair_way_back(
	struct store *store, const char *package, char ret_folder[static VERSIONS_FOLDER_SIZE], struct error *err);
/* The copy is good, or was taken back: the way back is again what it was. Safe to run again. */
WARN_UNUSED int sound_repair_restore(
	struct store *store, const char *package, struct versions *versions, struct error *err);
/* The same, where VERSIONS are not open. */
WARN_UNUSED int sound_repair_conclude(struct terminal *terminal, const char *package, struct error *err);

#endif
