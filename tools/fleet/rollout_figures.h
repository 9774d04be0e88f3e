/* What the simulation of rollouts found: as text, as JSON, as a drawing. */
#ifndef TOOLS_FLEET_ROLLOUT_FIGURES_H
#define TOOLS_FLEET_ROLLOUT_FIGURES_H

#include "common/buf.h"
#include "tools/fleet/rollout_table.h"

WARN_UNUSED int rollout_figures_text(const struct rollout_table *table, struct buf *ret_text, struct error *err);
/* One object: docs/rollouts.md names its members. */
WARN_UNUSED int rollout_figures_json(const struct rollout_table *table, struct buf *ret_text, struct error *err);
/* How far each candidate came, and how many terminals it bricked, night by night; shares of the fleet on a scale of tens. */
WARN_UNUSED int rollout_figures_svg(const struct rollout_table *table, struct buf *ret_text, struct error *err);

#endif
