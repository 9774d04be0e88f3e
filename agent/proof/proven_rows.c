#include "agent/proof/proven_rows.h"

#include <inttypes.h>
#include <string.h>

int proven_rows_take(struct proven_rows *proven, const json_t *line, struct error *err)
{
	struct error why;

	if (proven->receipts == PROVEN_ROWS_MOST)
		return error_set(err, ERROR_DAMAGED, "more than %d receipts", PROVEN_ROWS_MOST);
	proven->receipts++;
	if (!proven->policy)
		return 0;
	if (receipt_proof_read(line, proven->policy, &proven->items[proven->count], &why) < 0)
		return error_set(err, ERROR_ALTERED, "the receipt of the ledger does not hold: %s", why.text);
	proven->count++;
	return 0;
}

int proven_rows_compare(struct proven_rows *proven, const struct history_row *row, struct error *err)
{
	char head[SHA256_HEX_SIZE];

	for (size_t i = 0; i < proven->count; i++) {
		const struct receipt *receipt = &proven->items[i];

		if (receipt->entry.rows != row->number)
			continue;
		if (strcmp(sha256_hex(&receipt->entry.head, head), row->row_digest) != 0)
			return error_set(err, ERROR_DAMAGED,
				"history row %" PRId64 " is not the one that the ledger proves (entry %" PRIu64
				" of %s): the history was rewritten",
				row->number, receipt->index, receipt->checkpoint.origin);
		proven->was_seen[i] = true;
	}
	return 0;
}

int proven_rows_end(const struct proven_rows *proven, const char *terminal, const struct key_names *former, int64_t last,
	struct receipt *ret_receipt, struct error *err)
{
	const struct receipt *highest = NULL;

	for (size_t i = 0; i < proven->count; i++) {
		const struct receipt *receipt = &proven->items[i];

		if (strcmp(receipt->entry.terminal, terminal) != 0 && !key_names_hold(former, receipt->entry.terminal))
			return error_set(err, ERROR_ALTERED,
				"the receipt of the ledger is of the terminal %.16s, not of %.16s",
				receipt->entry.terminal, terminal);
		if (!proven->was_seen[i] && receipt->entry.rows > last)
			return error_set(err, ERROR_DAMAGED,
				"the history ends with row %" PRId64 ", and the ledger proves %" PRId64
				" rows (entry %" PRIu64 " of %s): the end was cut off",
				last, receipt->entry.rows, receipt->index, receipt->checkpoint.origin);
		if (!highest || receipt->entry.rows >= highest->entry.rows)
			highest = receipt;
	}
	if (highest)
		*ret_receipt = *highest;
	return 0;
}
