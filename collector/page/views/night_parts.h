/* The parts of the night's view, each from what /api/v1/nights/DATE tells of one night and of the one before. */
#ifndef COLLECTOR_PAGE_VIEWS_NIGHT_PARTS_H
#define COLLECTOR_PAGE_VIEWS_NIGHT_PARTS_H

#include "collector/page/base/html.h"
#include "common/json.h"

/* BEFORE may be NULL here and below: it is not known then what changed. */
void night_put_sums(struct html *html, const json_t *night, const json_t *before);
/* Those that were not reached, by cause, with what helps; the most first. */
void night_put_causes(struct html *html, const json_t *night, const json_t *before);
/* What changed since the night before. */
void night_put_changes(struct html *html, const json_t *night, const json_t *before);

/* The cause with the most silent terminals; "" where none is silent. */
const char *night_first_cause(const json_t *night, int64_t *ret_terminals);

#endif
