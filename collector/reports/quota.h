/* How many reports each certificate may send: so many an hour, and up to twice as many at once after a pause. Kept
 * in a table of fixed size; where it is crowded, the one that has been quiet longest is forgotten. */
#ifndef COLLECTOR_REPORTS_QUOTA_H
#define COLLECTOR_REPORTS_QUOTA_H

#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

struct quota;

WARN_UNUSED int quota_open(int64_t per_hour, struct quota **ret_quota, struct error *err);
void quota_close(struct quota *quota);
DEFINE_AUTO_PTR(quota, struct quota, quota_close);

/* Takes one from the share of FINGERPRINT (64 digits) at NOW_MS, on a clock that no time change moves. 0, or the
 * milliseconds until there is one again. May be called from several threads. */
int64_t quota_take(struct quota *quota, const char *fingerprint, int64_t now_ms);

#endif
