/* The history: append-only; each row carries the digest of the row before, so that a changed, removed or reordered
 * row shows. docs/store.md has the exact bytes. */
#ifndef AGENT_STORE_HISTORY_H
#define AGENT_STORE_HISTORY_H

#include "agent/store/history_chain.h"

/* When something happened that is told only now, such as what the guard did at boot. */
struct history_moment {
	int64_t at_s;
	const char *boot_id;
};

/* What a caller says of a row; the store adds number, time, boot id and digests. NULL stands for "". */
struct history_entry {
	const char *operation;
	const char *package;
	const char *version;
	const char *digest;
	const char *outcome;
	enum error_code error;
	const char *detail;
	const struct history_moment *when; /* NULL: now, at this boot */
};
WARN_UNUSED int history_add(struct store *store, const struct history_entry *entry, struct error *err);

struct history_filter {
	const char *package;   /* NULL: all */
	const char *operation; /* NULL: all */
	const char *outcome;   /* NULL: all */
	int64_t since_s;       /* 0: from the beginning */
	int64_t until_s;       /* 0: to the end; exclusive otherwise */
	int64_t newest;	       /* only so many of the newest; 0: all */
	int64_t after;	       /* only rows with a higher number; 0: all */
	int64_t before;	       /* only rows with a lower number; 0: all */
};
/* Takes a row; returns as record.h says. */
typedef int history_row_function(void *context, const struct history_row *row, struct error *err);
/* Hands rows of the store over, oldest first. */
WARN_UNUSED int history_each(struct store *store, const struct history_filter *filter, history_row_function *each,
	void *context, struct error *err);
/* The newest row of an operation, whatever became of it; of one package where PACKAGE is neither NULL nor "". Takes no longer
 * where there are many rows of others. */
WARN_UNUSED int history_newest(struct store *store, const char *operation, const char *package,
	struct history_row *ret_row, bool *ret_found, struct error *err);
/* One row of the store. ERROR_NOT_FOUND. */
WARN_UNUSED int history_find(struct store *store, int64_t number, struct history_row *ret_row, struct error *err);

/* The newest row; HISTORY_CHAIN_BEGIN where there is none. */
WARN_UNUSED int history_head(struct store *store, struct history_chain *ret_head, struct error *err);

/* Checks the chain of the rows in the store, which begins behind those that were archived. *RET_ROWS counts the whole
 * history. ERROR_DAMAGED names the first bad row. */
WARN_UNUSED int history_verify(struct store *store, int64_t *ret_rows, struct error *err);
/* The same from CHAIN on, ROWS of them at most. *RET_END: there were no more. */
WARN_UNUSED int history_verify_some(
	struct store *store, int64_t rows, struct history_chain *chain, bool *ret_end, struct error *err);
/* Behind the last archived row. */
WARN_UNUSED int history_archived(struct store *store, struct history_chain *ret_chain, struct error *err);

#endif
