/* HTML as it is written: whatever is put into it becomes text, and never markup. What a terminal said is a stranger's
 * words: characters that would act on the reader's screen (controls, directions of writing, what takes no room) are
 * shown as U+FFFD. */
#ifndef COLLECTOR_PAGE_BASE_HTML_H
#define COLLECTOR_PAGE_BASE_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/words/catalogue.h"

#define HTML_MOST (4u << 20)
#define HTML_ADDRESS_SIZE 512

struct html {
	struct buf text;
	bool is_japanese;
	bool is_cut; /* no memory, or it outgrew its bound: it must not be shown */
};
#define HTML_INIT                                                                                                    \
	{                                                                                                            \
		.text = BUF_INIT(HTML_MOST)                                                                          \
	}
void html_clear(struct html *html);
DEFINE_AUTO(html, struct html, html_clear);

/* Appends FMT as it stands, with its arguments in their places: %s becomes text in which nothing is markup, fit for an
 * attribute in double quotes too; of numbers there are %d, %ld and %lld, with ' for groups of three digits, and %.1f. */
void html_put(struct html *html, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* TEXT with everything but letters, digits and -._~/ escaped, for one argument of an address. What does not fit is "". */
const char *html_address(const char *text, char ret_address[static HTML_ADDRESS_SIZE]);

/* ---- Words ---- */

/* Finds the Japanese; to be called once, before any other thread runs. */
WARN_UNUSED int html_find_words(struct error *err);
/* TEXT, a constant marked by N_() or _(), in the page's language. */
const char *html_word(const struct html *html, const char *text) __attribute__((format_arg(2)));
#define _(text) html_word(html, text)
/* ONE where COUNT is 1, else MANY; Japanese has one form for both. */
const char *html_words(const struct html *html, const char *one, const char *many, int64_t count)
	__attribute__((format_arg(2), format_arg(3)));
#define N(one, many, count) html_words(html, one, many, count)

#endif
