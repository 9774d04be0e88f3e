/* A rule such as "CET-1CEST,M3.5.0,M10.5.0/3" that gives a zone's offset for ever (POSIX TZ with the widening of RFC
 * 8536, 3.3.1). Only zone.c uses it. */
#ifndef SCHEDULER_ZONE_RULE_H
#define SCHEDULER_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

#define ZONE_OFFSET_MAX_S (26 * 3600) /* RFC 8536, 3.2: no zone is further from UTC */

enum zone_day_kind {
	ZONE_DAY_WITHOUT_LEAP, /* Jn: 1 to 365, 29 February never counted */
	ZONE_DAY_WITH_LEAP,    /* n: 0 to 365 */
	ZONE_DAY_WEEK,	       /* Mm.w.d: the wth weekday d of month m; the 5th is the last */
};

struct zone_day {
	enum zone_day_kind kind;
	int day; /* of the year; or the weekday, 0 is Sunday */
	int week;
	int month;
	int64_t at_s; /* seconds after 00:00 on the wall before the change; may be negative or beyond a day */
};

struct zone_rule {
	int64_t standard_s; /* ahead of UTC */
	int64_t summer_s;
	bool has_summer;
	struct zone_day summer_begins;
	struct zone_day summer_ends;
};

WARN_UNUSED int zone_rule_parse(const char *text, struct zone_rule *ret_rule, struct error *err);

int64_t zone_rule_offset_s(const struct zone_rule *rule, int64_t utc_s);

/* The first moment after UTC_S at which the rule changes the offset; INT64_MAX where it never does. */
int64_t zone_rule_next_s(const struct zone_rule *rule, int64_t utc_s);

#endif
