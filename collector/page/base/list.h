/* What lists have in common: the way to the next page, and to the same as a table for spreadsheets. */
#ifndef COLLECTOR_PAGE_BASE_LIST_H
#define COLLECTOR_PAGE_BASE_LIST_H

#include "collector/http/exchange.h"
#include "collector/page/base/html.h"

/* Links to the next page (exchange->next), where there is one, to the beginning, where this is not the first, and to CSV, an
 * address of api without the cursor; NULL: there is none. */
void list_put_ways(struct html *html, const struct exchange *exchange, const char *csv);

/* Puts the beginning of a table: its columns' names in the page's language, ended by NULL; those that begin with '#' are of
 * numbers. CAPTION is read by those who do not see the page. */
void list_begin_table(struct html *html, const char *caption, const char *const *columns);
void list_end_table(struct html *html);

/* Links to the delivery certificate of a terminal, which proves to third parties that it ran this release. */
void list_put_certificate(struct html *html, const char *terminal, const char *package, const char *version);

#endif
