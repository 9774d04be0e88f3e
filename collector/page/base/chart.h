/* Charts as inline SVG, with what they show in words beside them. Colours and fonts are the style's. */
#ifndef COLLECTOR_PAGE_BASE_CHART_H
#define COLLECTOR_PAGE_BASE_CHART_H

#include <stddef.h>

#include "collector/page/base/html.h"
#include "common/json.h"

/* A part of a whole: NAME is the class of its colour, TEXT what it is called. */
struct chart_part {
	const char *name, *text;
	int64_t number;
};
/* One bar that is as wide as there is room, cut in proportion, and its legend with numbers. Empty parts are left out. */
void chart_put_shares(struct html *html, const char *label, const struct chart_part *parts, size_t count);

/* Contacts by quarters of an hour ("came", "expected" and "from" of each entry), as bars before a line. */
void chart_put_curve(struct html *html, const json_t *curve);

/* How many were confirmed after so many days ("days", "confirmed"), added up, in percent of WHOLE. */
void chart_put_days(struct html *html, const json_t *days, int64_t whole);

/* Night by night, oldest first ("night", "terminals", "reached"; newest first in the list): the share that was reached. */
void chart_put_nights(struct html *html, const json_t *nights);

#endif
