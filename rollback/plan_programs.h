/* What a release asks the guard to run, as the plan holds it. */
#ifndef ROLLBACK_PLAN_PROGRAMS_H
#define ROLLBACK_PLAN_PROGRAMS_H

#include "common/error.h"
#include "manifests/release/release.h"
#include "rollback/plan.h"

/* Fills in ENTRY's self-test and migration, their time, and whether they ask for the network. ERROR_REFUSED: the guard cannot take
 * them. */
WARN_UNUSED int plan_programs_write(const struct release *release, struct plan_entry *entry, struct error *err);

#endif
