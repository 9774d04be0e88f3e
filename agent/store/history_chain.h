/* A row of the history, its digest, and the chain that leads from row to row. docs/store.md has the exact bytes. */
#ifndef AGENT_STORE_HISTORY_CHAIN_H
#define AGENT_STORE_HISTORY_CHAIN_H

#include "agent/store/record.h"
#include "common/clock.h"

struct history_row {
	int64_t number; /* from 1, without gaps */
	int64_t at_s;
	char boot_id[BOOT_ID_SIZE];
	char operation[32]; /* "check", "fetch", "stage", "activate", "confirm", "roll-back", "quarantine", "disable"
			       ... */
	char package[PACKAGE_NAME_SIZE];
	char version[VERSION_TEXT_SIZE];
	char digest[SHA256_HEX_SIZE];
	char outcome[16];	      /* "done", "refused", "failed", "begun", "stopped"; no other */
	char error[16];		      /* error_code_name(); "none" */
	char detail[STORE_TEXT_SIZE]; /* one plain sentence, nothing personal (F27) */
	char previous[SHA256_HEX_SIZE];
	char row_digest[SHA256_HEX_SIZE];
};

/* Before the first row. */
#define HISTORY_NO_DIGEST "0000000000000000000000000000000000000000000000000000000000000000"

WARN_UNUSED int history_row_digest(
	const struct history_row *row, char ret_hex[static SHA256_HEX_SIZE], struct error *err);

/* Where a walk is: behind this row. */
struct history_chain {
	int64_t number; /* 0: before the first row */
	char digest[SHA256_HEX_SIZE];
};
#define HISTORY_CHAIN_BEGIN                                                                                          \
	{                                                                                                            \
		.number = 0, .digest = HISTORY_NO_DIGEST                                                             \
	}

/* Takes the next row. ERROR_DAMAGED says which row is missing, was changed, or does not follow. */
WARN_UNUSED int history_chain_take(struct history_chain *chain, const struct history_row *row, struct error *err);

#endif
