/* What a collector does by itself, in a thread of its own: notes that it is there, looks for silent terminals,
 * counts the fleet, and forgets what is too old. Of several collectors on one database one does so at a time. */
#ifndef COLLECTOR_JUDGE_OVERSEER_H
#define COLLECTOR_JUDGE_OVERSEER_H

#include "collector/config/config.h"
#include "common/clock.h"
#include "common/log.h"

struct overseer;

/* CONFIG, CLOCK and LOG are borrowed. */
WARN_UNUSED int overseer_open(const struct config *config, const struct clock *clock, const struct log *log,
	struct overseer **ret_overseer, struct error *err);
void overseer_close(struct overseer *overseer);
DEFINE_AUTO_PTR(overseer, struct overseer, overseer_close);

/* Waits until the figures are not older than the settings want, or would be quickly made; a second at most. */
void overseer_refresh(struct overseer *overseer);

#endif
