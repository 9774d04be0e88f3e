/* What the words of reports are called, in the page's language. A word that is not in the list stands for itself: a newer
 * terminal may know more of them. */
#ifndef COLLECTOR_PAGE_BASE_WORDS_H
#define COLLECTOR_PAGE_BASE_WORDS_H

#include <stddef.h>

#include "collector/page/base/html.h"

struct word {
	const char *name; /* as reports and the store have it */
	const char *text; /* in English; its Japanese is in po/ja.po */
};

const char *words_of_verdict(const struct html *html, const char *verdict);
/* Of a package on a terminal. */
const char *words_of_state(const struct html *html, const char *state);
/* Of a delivery. */
const char *words_of_delivery(const struct html *html, const char *state);
/* Of a window that is over. */
const char *words_of_outcome(const struct html *html, const char *outcome);
/* Of silence, in a few words. */
const char *words_of_cause(const struct html *html, const char *cause);
/* What helps against it: one sentence. */
const char *words_against(const struct html *html, const char *cause);
const char *words_of_role(const struct html *html, const char *role);
/* What is the case on a terminal, and what is to be done there, as its own status says; "" where it is not known. */
const char *words_of_reason(const struct html *html, const char *reason);
const char *words_of_next(const struct html *html, const char *reason);

/* The lists, for those who let choose from them. */
extern const struct word words_verdicts[], words_causes[];
extern const size_t words_verdicts_count, words_causes_count;
/* The states of deliveries: from what is done to what is still to come, then what went wrong. */
extern const struct word words_deliveries[];
extern const size_t words_deliveries_count;

#endif
