#include "agent/proof/anchor.h"

#include <inttypes.h>
#include <string.h>

#include "agent/proof/archive.h"
#include "agent/proof/terminal_key.h"
#include "agent/store/history.h"
#include "agent/store/history_chain.h"
#include "common/text.h"

#define SETTING_ANCHOR "history.anchor" /* number, digest, signature, with blanks between them */
#define ANCHOR_MAX_BYTES 1024
#define FORM "haishin-history-head-1"

struct anchor {
	struct history_chain head;
	char signature[256];
};

static int read_anchor(struct store *store, struct anchor *ret_anchor, bool *ret_found, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(ANCHOR_MAX_BYTES);

	*ret_found = false;
	if (store_setting(store, SETTING_ANCHOR, &text, err) < 0)
		return -1;
	if (!text.len)
		return 0;
	if (sscanf(buf_text(&text), "%" SCNd64 " %64s %255s", &ret_anchor->head.number, ret_anchor->head.digest,
		    ret_anchor->signature) != 3)
		return error_set(err, ERROR_DAMAGED, "the signed head of the history cannot be read");
	*ret_found = true;
	return 0;
}

static int write_statement(const struct history_chain *head, struct buf *ret_text, struct error *err)
{
	return buf_printf(ret_text, err, FORM "\n%" PRId64 "\n%s\n", head->number, head->digest);
}

/* The digest of that row, where the store still holds it. */
static int digest_of(struct store *store, int64_t number, char ret_digest[static SHA256_HEX_SIZE], struct error *err)
{
	struct history_row row;

	if (history_find(store, number, &row, err) < 0)
		return -1;
	text_cut(row.row_digest, ret_digest, SHA256_HEX_SIZE);
	return 0;
}

static int take_archived(void *context, const struct archive_row *row, struct error *err)
{
	(void)err;
	*(int64_t *)context = row->last_row;
	return 0;
}

/* A row that was archived since is vouched for by the archive's own seal. */
int anchor_check_row(struct store *store, const struct history_chain *head, struct error *err)
{
	char digest[SHA256_HEX_SIZE];
	int64_t archived = 0;

	if (archive_each(store, take_archived, &archived, err) < 0)
		return -1;
	if (head->number <= archived)
		return 0;
	if (digest_of(store, head->number, digest, err) < 0)
		return err->code == ERROR_NOT_FOUND
			       ? error_set(err, ERROR_DAMAGED,
					 "history row %" PRId64 " is missing: the end was cut off", head->number)
			       : -1;
	if (strcmp(digest, head->digest) != 0)
		return error_set(err, ERROR_DAMAGED,
			"history row %" PRId64 " is not the one that was signed: it or a row before it was rewritten",
			head->number);
	return 0;
}

int anchor_set(struct terminal *terminal, struct error *err)
{
	AUTO(buf) struct buf statement = BUF_INIT(ANCHOR_MAX_BYTES);
	AUTO(buf) struct buf signature = BUF_INIT(ANCHOR_MAX_BYTES);
	AUTO(buf) struct buf text = BUF_INIT(ANCHOR_MAX_BYTES);
	AUTO(signer) struct signer *signer = NULL;
	struct history_chain head;
	struct anchor former;
	bool found;

	if (history_head(terminal->store, &head, err) < 0 || read_anchor(terminal->store, &former, &found, err) < 0 ||
		(found && anchor_check_row(terminal->store, &former.head, err) < 0))
		return -1;
	if (!head.number || (found && former.head.number == head.number))
		return 0;
	if (!(signer = terminal_key_load(terminal, err)) || write_statement(&head, &statement, err) < 0 ||
		signer_sign(signer, statement.data, statement.len, &signature, err) < 0 ||
		buf_printf(&text, err, "%" PRId64 " %s %s", head.number, head.digest, buf_text(&signature)) < 0)
		return -1;
	return store_set_setting(terminal->store, SETTING_ANCHOR, buf_text(&text), err);
}

int anchor_verify(struct terminal *terminal, struct error *err)
{
	AUTO(buf) struct buf statement = BUF_INIT(ANCHOR_MAX_BYTES);
	AUTO(key) struct key *key = NULL;
	struct history_chain head;
	struct anchor anchor;
	bool found;

	if (read_anchor(terminal->store, &anchor, &found, err) < 0 || history_head(terminal->store, &head, err) < 0)
		return -1;
	if (!found && !head.number)
		return 0;
	if (!found)
		return error_set(err, ERROR_DAMAGED, "the signed head of the history is missing");
	if (!(key = terminal_key_public(terminal, err)) || write_statement(&anchor.head, &statement, err) < 0)
		return -1;
	if (!key_verify(key, statement.data, statement.len, anchor.signature))
		return error_set(err, ERROR_DAMAGED, "the head of the history was not signed by this terminal");
	return anchor_check_row(terminal->store, &anchor.head, err);
}

json_t *anchor_json(struct terminal *terminal, struct error *err)
{
	struct anchor anchor = {.head = HISTORY_CHAIN_BEGIN};
	bool found;

	if (read_anchor(terminal->store, &anchor, &found, err) < 0)
		return NULL;
	return JSON_OBJECT({
		json_number("rows", anchor.head.number),
		json_text("head", anchor.head.digest),
		json_text("signature", anchor.signature),
	});
}
