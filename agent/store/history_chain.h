/* The chain of the history: the digest of a row, and the walk from row to row. docs/store.md has the exact bytes. */
#ifndef AGENT_STORE_HISTORY_CHAIN_H
#define AGENT_STORE_HISTORY_CHAIN_H

#include "agent/store/history.h"

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
