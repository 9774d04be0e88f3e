/* What the simulation of a fleet found: as text, as JSON, as a drawing. */
#ifndef TOOLS_FLEET_FIGURES_H
#define TOOLS_FLEET_FIGURES_H

#include "common/buf.h"
#include "tools/fleet/model.h"

WARN_UNUSED int figures_text(const struct fleet_result *result, struct buf *ret_text, struct error *err);
/* One object: docs/scheduling.md names its members. */
WARN_UNUSED int figures_json(const struct fleet_result *result, struct buf *ret_text, struct error *err);
/* The load of each night, minute by minute, with the mean of the busiest night and the bar above it. */
WARN_UNUSED int figures_svg(const struct fleet_result *result, struct buf *ret_text, struct error *err);

#endif
