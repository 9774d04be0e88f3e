#include "collector/ledger/quill.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/logged_row.h"
#include "ledger/log/ledger_log.h"
#include "ledger/proof/ledger_entry.h"
#include "ledger/proof/tlog_proof.h"

#define KEY_MOST_BYTES 16384
/* So many are noted in one transaction when a ledger is found that is ahead of the store. */
#define NOTED_AT_ONCE 4096

struct quill {
	struct database *database;
	struct fs fs;
	struct signer *signer;
	struct ledger_place place; /* the log borrows it */
	struct ledger_log *log;
	struct buf entries; /* of a batch, one behind the other */
	struct span spans[LEDGER_LOG_MAX_BATCH];
	struct sha256 digests[LEDGER_LOG_MAX_BATCH];
	size_t count;
};

struct signer *quill_read_key(const struct config *config, struct error *err)
{
	AUTO(secret) struct buf pem = BUF_INIT(KEY_MOST_BYTES);
	struct fs fs;

	fs_init(&fs);
	if (fs_read_file(&fs, AT_FDCWD, config->ledger_key, &pem, err) < 0) {
		(void)error_context(err, "[ledger] key");
		return NULL;
	}
	return signer_read(pem.data, pem.len, NULL, err);
}

/* ---- What was logged and is not noted ---- */

static int note_entry(struct quill *quill, uint64_t position, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	struct ledger_entry entry;

	if (ledger_log_entry(quill->log, position, &bytes, err) < 0 ||
		ledger_entry_parse((struct span){bytes.data, bytes.len}, &entry, err) < 0)
		return error_context(err, "entry %" PRIu64 " of the ledger", position);
	return logged_row_add(quill->database, position, &entry.digest, err);
}

static int note_some(struct quill *quill, uint64_t from, uint64_t size, struct error *err)
{
	for (uint64_t position = from; position < size && position < from + NOTED_AT_ONCE; position++)
		if (note_entry(quill, position, err) < 0)
			return -1;
	return 0;
}

/* A store that is ahead of the ledger tells that the ledger was put back. */
static int catch_up(struct quill *quill, struct error *err)
{
	uint64_t size = quill_size(quill), noted;

	if (logged_row_count(quill->database, &noted, err) < 0)
		return -1;
	if (noted > size)
		return error_set(err, ERROR_DAMAGED,
			"the ledger has %" PRIu64 " entries, and %" PRIu64
			" were logged: an older copy of its folder was put in its place; put the newer one back",
			size, noted);
	for (; noted < size; noted += NOTED_AT_ONCE) {
		if (database_begin(quill->database, err) < 0)
			return -1;
		if (note_some(quill, noted, size, err) < 0) {
			database_undo(quill->database);
			return -1;
		}
		if (database_commit(quill->database, err) < 0)
			return -1;
	}
	return 0;
}

int quill_open(const struct config *config, struct database *database,
	int (*may_sign)(void *context, struct error *err), void *context, struct quill **ret_quill, struct error *err)
{
	AUTO(quill) struct quill *quill = calloc(1, sizeof(*quill));

	if (!quill)
		return error_set(err, ERROR_FAILED, "no memory for the ledger");
	quill->database = database;
	quill->entries.limit = (size_t)LEDGER_LOG_MAX_BATCH * LEDGER_ENTRY_MAX_BYTES;
	fs_init(&quill->fs);
	if (!(quill->signer = quill_read_key(config, err)))
		return -1;
	quill->place = (struct ledger_place){
		.fs = &quill->fs,
		.folder = config->ledger_folder,
		.origin = config->ledger_origin,
		.signer = quill->signer,
		.may_sign = may_sign,
		.context = context,
	};

	/* What was signed and not served yet, as a cut came between, is served now. */
	if (!(quill->log = ledger_log_open(&quill->place, err)) || catch_up(quill, err) < 0 ||
		ledger_log_publish(quill->log, SPAN(""), err) < 0)
		return -1;
	*ret_quill = take_ptr(&quill);
	return 0;
}

void quill_close(struct quill *quill)
{
	if (!quill)
		return;
	ledger_log_close(quill->log);
	signer_free(quill->signer);
	buf_clear(&quill->entries);
	free(quill);
}

uint64_t quill_size(const struct quill *quill)
{
	return ledger_log_newest(quill->log)->size;
}

/* ---- Logging ---- */

/* Entries are laid down one behind the other; where each lies is known only once all are there. */
static int take_unlogged(void *context, const struct unlogged_row *row, struct error *err)
{
	struct quill *quill = context;
	struct ledger_entry entry = {.report = row->number, .digest = row->digest, .rows = row->rows};
	size_t before = quill->entries.len;

	memcpy(entry.terminal, row->terminal, sizeof(entry.terminal) - 1);
	if (sha256_parse(row->head, &entry.head, err) < 0 || ledger_entry_write(&entry, &quill->entries, err) < 0)
		return -1;
	quill->digests[quill->count] = row->digest;
	quill->spans[quill->count++].len = quill->entries.len - before;
	return 0;
}

static int gather(struct quill *quill, struct error *err)
{
	size_t at = 0;

	quill->count = 0;
	buf_empty(&quill->entries);
	if (unlogged_row_each(quill->database, LEDGER_LOG_MAX_BATCH, take_unlogged, quill, err) < 0)
		return -1;
	for (size_t i = 0; i < quill->count; i++) {
		quill->spans[i].at = quill->entries.data + at;
		at += quill->spans[i].len;
	}
	return 0;
}

static int note_batch(struct quill *quill, uint64_t first, struct error *err)
{
	if (database_begin(quill->database, err) < 0)
		return -1;
	for (size_t i = 0; i < quill->count; i++)
		if (logged_row_add(quill->database, first + i, &quill->digests[i], err) < 0) {
			database_undo(quill->database);
			return -1;
		}
	return database_commit(quill->database, err);
}

int quill_log_batch(struct quill *quill, size_t *ret_count, struct error *err)
{
	uint64_t first;

	if (gather(quill, err) < 0)
		return -1;
	*ret_count = quill->count;
	if (quill->count == 0)
		return 0;
	if (ledger_log_append(quill->log, quill->spans, quill->count, &first, err) < 0 ||
		ledger_log_publish(quill->log, SPAN(""), err) < 0)
		return -1;
	return note_batch(quill, first, err);
}

/* ---- Proving ---- */

int quill_prove(
	struct quill *quill, const struct sha256 *digest, struct buf *ret_proof, bool *ret_found, struct error *err)
{
	struct tlog_proof proof = {0};

	if (logged_row_find(quill->database, digest, &proof.index, ret_found, err) < 0)
		return -1;
	if (!*ret_found)
		return 0;
	proof.checkpoint = ledger_log_newest_note(quill->log);
	if (ledger_log_prove(quill->log, proof.index, &proof.path, err) < 0)
		return -1;
	return tlog_proof_write(&proof, ret_proof, err);
}
