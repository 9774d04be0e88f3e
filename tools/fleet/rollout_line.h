/* One rollout in a line: when its stages opened, and what befell it night by night. For those who want to know why one was late, and
 * how far a long simulation is. */
#ifndef TOOLS_FLEET_ROLLOUT_LINE_H
#define TOOLS_FLEET_ROLLOUT_LINE_H

#include "common/buf.h"
#include "tools/fleet/rollout_model.h"

WARN_UNUSED int rollout_line_write(const struct rollout_result *result, struct buf *ret_text, struct error *err);

#endif
