/* The store of a terminal that must go on: a damaged one is set aside, and a new one made. */
#ifndef AGENT_STORE_STORE_REBUILD_H
#define AGENT_STORE_STORE_REBUILD_H

#include "agent/store/store.h"

/* As store_open(), but a damaged file is set aside as PATH.damaged-TIME (with its -wal and -shm), a new one is made, the
 * history of which begins with a row that says so, and *RET_SET_ASIDE is true. */
WARN_UNUSED int store_open_or_rebuild(struct fs *fs, const char *path, const struct clock *clock,
	struct store **ret_store, bool *ret_set_aside, struct error *err);
/* The setting that holds when the store was last made anew after damage, in seconds. */
#define STORE_SETTING_REBUILT "store_rebuilt_s"

#endif
