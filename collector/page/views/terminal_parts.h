/* The parts of one terminal's view, each from what /api/v1/terminals/KEY tells. */
#ifndef COLLECTOR_PAGE_VIEWS_TERMINAL_PARTS_H
#define COLLECTOR_PAGE_VIEWS_TERMINAL_PARTS_H

#include "collector/page/base/html.h"
#include "common/json.h"

void terminal_put_packages(struct html *html, const json_t *terminal);
void terminal_put_windows(struct html *html, const json_t *terminal);
/* HAS_LEDGER: what was confirmed can be proved to third parties, by a certificate to take away. */
void terminal_put_deliveries(struct html *html, const json_t *terminal, bool has_ledger);
void terminal_put_receipts(struct html *html, const json_t *terminal);
/* Who looked; nothing for those who may not see that. */
void terminal_put_looks(struct html *html, const json_t *terminal);

#endif
