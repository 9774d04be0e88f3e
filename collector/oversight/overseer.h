/* What a collector does by itself, in a thread of its own: notes that it is there, looks for silent terminals,
 * counts the fleet, and forgets what is too old. Of several collectors on one database one does so at a time. */
#ifndef COLLECTOR_OVERSIGHT_OVERSEER_H
#define COLLECTOR_OVERSIGHT_OVERSEER_H

#include "collector/config/config.h"
#include "collector/store/database.h"
#include "common/clock.h"
#include "common/log.h"

struct overseer;

/* What else is done in each round, within no transaction. IS_HOLDER: this collector does what one of them alone does. */
struct overseer_errand {
	void (*run)(void *context, struct database *database, bool is_holder, int64_t now_s);
	void *context;
};

/* CONFIG, CLOCK and LOG are borrowed. */
WARN_UNUSED int overseer_open(const struct config *config, const struct clock *clock, const struct log *log,
	const struct overseer_errand *errand, struct overseer **ret_overseer, struct error *err);
void overseer_close(struct overseer *overseer);
DEFINE_AUTO_PTR(overseer, struct overseer, overseer_close);

/* Waits until the figures are not older than the settings want, or would be quickly made; a second at most. */
void overseer_refresh(struct overseer *overseer);

#endif
