/* What stands around every view: head, where one can go, who asks, which language. */
#ifndef COLLECTOR_PAGE_BASE_FRAME_H
#define COLLECTOR_PAGE_BASE_FRAME_H

#include "collector/http/exchange.h"
#include "collector/page/base/html.h"

enum frame_place {
	FRAME_NIGHT,
	FRAME_RELEASES,
	FRAME_CAMPAIGNS,
	FRAME_TERMINALS,
	FRAME_LEDGER,
	FRAME_NOWHERE, /* an error */
};

/* Chooses the language (argument lang, else the cookie, else Accept-Language, else English), and begins the page. TITLE
 * is a constant marked by N_(). */
void frame_begin(struct html *html, struct exchange *exchange, enum frame_place place, const char *title);
/* Ends it, and answers with it. */
void frame_end(struct html *html, struct exchange *exchange);

/* Answers with the sentence of ERR as a page, and the status that its code stands for. */
void frame_answer_error(struct exchange *exchange, const struct error *err);
/* Answers whoever has a role that may not see this. */
void frame_answer_denied(struct exchange *exchange);

#endif
