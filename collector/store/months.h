/* Reports by month: PostgreSQL keeps each month's in a part of its own, so that an old month is dropped as a
 * whole; SQLite forgets an old month's rows a thousand at a time, so that nobody waits long. */
#ifndef COLLECTOR_STORE_MONTHS_H
#define COLLECTOR_STORE_MONTHS_H

#include "collector/store/database.h"

/* Makes room for reports of the month of NOW_S and of the next. Within a transaction; others who do the same wait. */
WARN_UNUSED int months_prepare(struct database *database, int64_t now_s, struct error *err);

/* Forgets the reports of the months that ended before BEFORE_S. *RET_MORE: there is more to forget. */
WARN_UNUSED int months_forget(struct database *database, int64_t before_s, bool *ret_more, struct error *err);

/* The first moment of the month, in UTC, that is MORE months after that of TIME_S. */
int64_t months_begin(int64_t time_s, int more);

#endif
