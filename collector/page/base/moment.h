/* Values of api's answers as people read them. Times are Japan's. */
#ifndef COLLECTOR_PAGE_BASE_MOMENT_H
#define COLLECTOR_PAGE_BASE_MOMENT_H

#include <stdint.h>

#include "collector/page/base/html.h"
#include "common/json.h"

#define JAPAN_S (9 * 3600)

/* A member of OBJECT; "" and 0 where it is missing, null, or of another type. */
const char *value_text(const json_t *object, const char *key);
int64_t value_number(const json_t *object, const char *key);
/* A moment, in seconds; 0 for null. */
int64_t value_moment_s(const json_t *object, const char *key);

/* Puts "2026-12-01 05:00", or a dash where TIME_S is 0. */
void moment_put(struct html *html, int64_t time_s);
/* Puts the date alone. */
void moment_put_date(struct html *html, int64_t time_s);
/* Puts "05:00". */
void moment_put_hour(struct html *html, int64_t time_s);

/* PART of WHOLE in percent; 0 of nothing. */
double share_of(int64_t part, int64_t whole);

#endif
