/* One package, as disk, plan and store have it. */
#ifndef AGENT_RESTART_BOOT_COMPARE_H
#define AGENT_RESTART_BOOT_COMPARE_H

#include "agent/restart/boot_step.h"

/* Brings plan and store in line with the disk for one package. The plan's lock is held, a transaction is open; the
 * plan is changed in memory only. */
WARN_UNUSED int boot_compare(struct boot *boot, const char *package, struct error *err);

#endif
