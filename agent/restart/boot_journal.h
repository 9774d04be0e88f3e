/* What the guard did, read into the store. */
#ifndef AGENT_RESTART_BOOT_JOURNAL_H
#define AGENT_RESTART_BOOT_JOURNAL_H

#include "agent/restart/boot_step.h"

/* Takes every line of the journal into the store that is not there yet, and forgets them. The plan's lock is held. */
WARN_UNUSED int boot_take_journal(struct boot *boot, struct error *err);

#endif
