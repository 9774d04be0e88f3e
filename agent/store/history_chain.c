#include "agent/store/history_chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "common/text.h"

/* In front of every row's bytes: another form of them would be another word. */
#define ROW_FORM "haishin-history-1\n"

static void add_field(struct digest *digest, const char *field)
{
	size_t len = strlen(field);
	char length[32];

	digest_update(digest, length, (size_t)snprintf(length, sizeof(length), "%zu:", len));
	digest_update(digest, field, len);
	digest_update(digest, ",", 1);
}

static void add_number(struct digest *digest, int64_t number)
{
	char field[32];

	(void)snprintf(field, sizeof(field), "%" PRId64, number);
	add_field(digest, field);
}

int history_row_digest(const struct history_row *row, char ret_hex[static SHA256_HEX_SIZE], struct error *err)
{
	AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256, err);
	const char *const texts[] = {row->boot_id, row->operation, row->package, row->version, row->digest,
		row->outcome, row->error, row->detail, row->previous};
	struct sha256 sum;

	if (!digest)
		return -1;
	digest_update(digest, ROW_FORM, strlen(ROW_FORM));
	add_number(digest, row->number);
	add_number(digest, row->at_s);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		add_field(digest, texts[i]);
	digest_finish(digest, &sum);
	(void)sha256_hex(&sum, ret_hex);
	return 0;
}

int history_chain_take(struct history_chain *chain, const struct history_row *row, struct error *err)
{
	char digest[SHA256_HEX_SIZE];

	if (row->number != chain->number + 1)
		return error_set(err, ERROR_DAMAGED,
			"history row %" PRId64 " is missing: row %" PRId64 " stands in its place", chain->number + 1,
			row->number);
	if (strcmp(row->previous, chain->digest) != 0)
		return error_set(err, ERROR_DAMAGED,
			"history row %" PRId64 " does not follow the row before it: one of the two was replaced",
			row->number);
	if (history_row_digest(row, digest, err) < 0)
		return -1;
	if (strcmp(digest, row->row_digest) != 0)
		return error_set(err, ERROR_DAMAGED,
			"history row %" PRId64 " was changed after it was written: its digest does not fit",
			row->number);
	text_cut(digest, chain->digest, sizeof(chain->digest));
	chain->number++;
	return 0;
}
