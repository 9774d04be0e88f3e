/* Nights as the store counts them: days from 1970-01-01 to the date on which the night begins, in Japan. One lasts
 * from noon to noon, so that no window of the evening or the early morning is cut in two. */
#ifndef COLLECTOR_STORE_NIGHT_H
#define COLLECTOR_STORE_NIGHT_H

#include <stdint.h>

#include "manifests/catalog/night_date.h"

#define NIGHT_LENGTH_S 86400

int64_t night_of(int64_t time_s);
/* Its first moment. */
int64_t night_begin_s(int64_t night);
const char *night_text(int64_t night, char ret_text[static NIGHT_DATE_TEXT_SIZE]);
WARN_UNUSED int night_parse(const char *text, int64_t *ret_night, struct error *err);

#endif
