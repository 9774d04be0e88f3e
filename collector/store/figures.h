/* Figures of the fleet, one set for each night (table summary). KIND and NAME say what is counted
 * (docs/collector.md). */
#ifndef COLLECTOR_STORE_FIGURES_H
#define COLLECTOR_STORE_FIGURES_H

#include "collector/store/database.h"

#define FIGURE_NAME_SIZE 256

/* Counts the fleet as it is at NOW_S and puts it in place of what is there for the present night. In one
 * transaction of its own; of several programs that do so at once, one after the other. */
WARN_UNUSED int figures_gather(struct database *database, int64_t now_s, struct error *err);

typedef int figures_take(void *context, const char *kind, const char *name, int64_t figure, struct error *err);
/* Hands over a night's figures, by kind and name. */
WARN_UNUSED int figures_each(
	struct database *database, int64_t night, figures_take *each, void *context, struct error *err);

/* The last night that was counted by NOW_S: the present one, but in the seconds in which it has begun or the collector has just
 * started; the present one where there is none. */
WARN_UNUSED int figures_newest(struct database *database, int64_t now_s, int64_t *ret_night, struct error *err);

/* Hands over the figures of kind "fleet" of the nights FIRST to LAST, newest night first. */
WARN_UNUSED int figures_each_night(struct database *database, int64_t first, int64_t last,
	int (*each)(void *context, int64_t night, const char *name, int64_t figure, struct error *err), void *context,
	struct error *err);

#endif
