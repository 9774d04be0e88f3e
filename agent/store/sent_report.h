/* The reports that were made: one row each, with what the next one begins behind. */
#ifndef AGENT_STORE_SENT_REPORT_H
#define AGENT_STORE_SENT_REPORT_H

#include "agent/store/record.h"

struct sent_report {
	int64_t number; /* from 1 */
	int64_t made_s;
	int64_t sent_s; /* 0: not yet */
	int64_t attempts;
	int64_t last_row; /* of the history, when it was made */
	char last_digest[SHA256_HEX_SIZE];
	int64_t windows_until_s;      /* the windows that opened before then are told */
	int64_t deliveries_until_s;   /* and the deliveries that changed before then */
	char error[16];		      /* error_code_name() of the last attempt; "none" */
	char detail[STORE_TEXT_SIZE]; /* of the last attempt: why not, or the server's receipt */
};

/* The newest report. *RET_FOUND is false before the first. */
WARN_UNUSED int sent_report_newest(
	struct store *store, struct sent_report *ret_row, bool *ret_found, struct error *err);

/* The newest that the server took; likewise. */
WARN_UNUSED int sent_report_taken(
	struct store *store, struct sent_report *ret_row, bool *ret_found, struct error *err);

/* Adds it, or takes the place of the one with its number. */
WARN_UNUSED int sent_report_put(struct store *store, const struct sent_report *row, struct error *err);

#endif
