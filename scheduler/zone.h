/* A time zone, and the way between UTC and the clock on the wall. Nothing here knows the zone of this process. */
#ifndef SCHEDULER_ZONE_H
#define SCHEDULER_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"
#include "common/fs.h"
#include "manifests/catalog/night_date.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"

struct zone;

/* Loads a zone by its name, such as "Asia/Tokyo", from ZONE_FOLDER. ERROR_INPUT where the name is none or unknown. */
WARN_UNUSED int zone_load(struct fs *fs, const char *name, struct zone **ret_zone, struct error *err);
/* The same from the bytes of a TZif file (RFC 8536, version 2 or later). ERROR_INPUT where it is damaged. */
WARN_UNUSED int zone_parse(const void *data, size_t len, struct zone **ret_zone, struct error *err);
void zone_free(struct zone *zone);
DEFINE_AUTO_PTR(zone, struct zone, zone_free);

/* Seconds that local time is ahead of UTC at that moment. */
int64_t zone_offset_s(const struct zone *zone, int64_t utc_s);

/* What the wall shows: the date, and seconds since 00:00 as the clock counts them (0 to 86399, on long days too). */
void zone_to_local(const struct zone *zone, int64_t utc_s, struct night_date *ret_date, int64_t *ret_second);

/* The first moment at which the wall shows SECOND (0 to 2 * 86400) after 00:00 of DATE, or later. So a time that the
 * clocks jump over is the moment they jump, and of a time that comes twice it is the first. */
int64_t zone_to_utc(const struct zone *zone, const struct night_date *date, int64_t second);

#endif
