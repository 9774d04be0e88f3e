/* The time floor: the newest time that signed, verified metadata has vouched for. A clock behind it is not believed.
 * It rises only by what others signed, never by this machine's clock, so that a clock that runs ahead cannot poison
 * it; and what vouches for it may be taken back by a change of keys in the root (TUF 5.3.11), so that a stolen key
 * cannot either. */
#ifndef MANIFESTS_TUF_TIME_FLOOR_H
#define MANIFESTS_TUF_TIME_FLOOR_H

#include <stdint.h>

#include "common/error.h"
#include "common/fs.h"

/* In the metadata folder; holds one date. */
#define TIME_FLOOR_FILE "time-floor"

/* The floor kept in the folder; 0 where there is none, or a damaged one, which the next verified time replaces. */
int64_t time_floor_load(struct fs *fs, int dir_fd);

/* Keeps TIME_S where it is above FLOOR_S, the floor so far, and returns the floor that now holds in RET_FLOOR_S. */
WARN_UNUSED int time_floor_raise(
	struct fs *fs, int dir_fd, int64_t floor_s, int64_t time_s, int64_t *ret_floor_s, struct error *err);

/* Forgets it. */
WARN_UNUSED int time_floor_clear(struct fs *fs, int dir_fd, struct error *err);

/* The time to believe, given a clock. */
int64_t time_floor_apply(int64_t floor_s, int64_t clock_s);

#endif
