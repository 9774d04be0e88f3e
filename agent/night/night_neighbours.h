/* The releases of other packages that this terminal runs, for staging to take from them what it need not fetch. */
#ifndef AGENT_NIGHT_NIGHT_NEIGHBOURS_H
#define AGENT_NIGHT_NIGHT_NEIGHBOURS_H

#include <stddef.h>

#include "agent/night/night_work.h"
#include "common/auto.h"
#include "common/error.h"
#include "updater/stage/stage_request.h"

struct night_neighbours {
	struct stage_neighbour *items;
	struct versions **open; /* the folders of their releases */
	size_t count;
};

/* Those of all packages but WANTED that have a current release. One whose folder cannot be opened is left out. */
WARN_UNUSED int night_neighbours_open(const struct night *night, const struct wanted *wanted,
	struct night_neighbours *ret_neighbours, struct error *err);
void night_neighbours_close(struct night_neighbours *neighbours);
DEFINE_AUTO(night_neighbours, struct night_neighbours, night_neighbours_close);

#endif
