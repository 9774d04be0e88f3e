/* One page of a list: its arguments, and its answer as JSON ({"items": [...], "next": ADDRESS or null}) or CSV. */
#ifndef COLLECTOR_API_PAGE_H
#define COLLECTOR_API_PAGE_H

#include "collector/http/exchange.h"

struct page {
	struct exchange *exchange;
	bool is_csv;	   /* by ?format=csv or Accept: text/csv */
	int64_t limit;	   /* 1 to 1,000, of CSV to 4,000; 100 unless said otherwise */
	const char *after; /* the cursor that the page before ended with; "" */
	json_t *items;
	char cursor[256]; /* of the last item */
};

/* Reads the arguments limit, after and format. NAMES are the other arguments that this list knows, ended by NULL:
 * one that is not known, or is given twice, is ERROR_INPUT, so that nobody believes in a filter that does nothing. */
WARN_UNUSED int page_begin(struct page *page, struct exchange *exchange, const char *const *names, struct error *err);
void page_clear(struct page *page);
DEFINE_AUTO(page, struct page, page_clear);

/* Of an argument that is "yes" or "no"; false where it is not given. ERROR_INPUT where it is anything else. */
WARN_UNUSED int page_yes(const struct exchange *exchange, const char *name, bool *ret_yes, struct error *err);

/* The cursor as a number; 0 where there is none. ERROR_INPUT where it is none that a page gave. */
WARN_UNUSED int page_after_number(const struct page *page, int64_t *ret_number, struct error *err);

/* Appends an item; the next page begins behind its CURSOR. */
WARN_UNUSED int page_add(struct page *page, json_t *take_item, const char *cursor, struct error *err);
WARN_UNUSED int page_add_number(struct page *page, json_t *take_item, int64_t cursor, struct error *err);

/* Puts the address of the next page into the exchange; "" where this is the last. page_answer() does so itself. */
void page_find_next(struct page *page);

/* Answers. COLUMNS are the members that CSV shows, ended by NULL. */
void page_answer(struct page *page, const char *const *columns);

/* Answers with one object, and an ETag of its bytes; or that an argument is none of NAMES (ended by NULL; NULL: there are none). */
void page_answer_object(struct exchange *exchange, const char *const *names, const json_t *object);

/* "2026-12-01T20:00:00Z", or null for 0. */
json_t *page_moment(int64_t time_s);

#endif
