#include "collector/ledger/quill.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collector/ledger/ledger_policy.h"
#include "collector/ledger/witnesses.h"
#include "collector/store/logged_row.h"
#include "common/access/trusted_file.h"
#include "ledger/log/ledger_log.h"
#include "ledger/proof/growth_proof.h"
#include "ledger/proof/ledger_entry.h"
#include "ledger/proof/tlog_proof.h"
#include "manifests/token/private_key.h"

/* So many are noted in one transaction when a ledger is found that is ahead of the store. */
#define NOTED_AT_ONCE 4096
/* Witnesses that have not cosigned are asked again so much later. */
#define ASKED_AGAIN_MS 1000
/* Of the store: a batch's pages are written once, and of no use to the next. */
#define STORE_CACHE_KIB 1024

struct quill {
	struct quill_desk desk;
	struct fs fs;
	struct signer *signer;
	struct ledger_place place; /* the log borrows it */
	struct ledger_log *log;
	struct policy *policy; /* NULL: no witness is asked */
	struct witnesses *witnesses;
	int64_t asked_ms;  /* when the witnesses were asked last */
	bool is_confirmed; /* the quorum has cosigned the newest, and it is served */
	char waits_for[sizeof(((struct witnesses_answer *)0)->missing)];
	struct buf entries; /* of a batch, one behind the other */
	struct span spans[LEDGER_LOG_MAX_BATCH];
	struct sha256 digests[LEDGER_LOG_MAX_BATCH];
	size_t count;
};

struct signer *quill_read_key(const struct config *config, struct error *err)
{
	const struct private_key_place place = {
		.key = config->ledger_key, .passphrase = config->ledger_passphrase, .pin = config->ledger_pin};
	struct signer *signer;
	struct fs fs;

	fs_init(&fs);
	if (!(signer = private_key_open(&fs, &place, err)))
		(void)error_context(err, "[ledger] key");
	return signer;
}

/* ---- What was logged and is not noted ---- */

/* By when the entries that are served were logged is proven by what is served now, before something newer takes its place. */
static int keep_served(struct quill *quill, struct error *err)
{
	struct span served = ledger_log_served_note(quill->log);
	struct policy_verdict verdict;

	if (!quill->policy || ledger_log_served(quill->log) == 0 ||
		policy_judge(quill->policy, served, &verdict, NULL) < 0 || verdict.quorum_s == 0)
		return 0;
	return cosigned_row_put(quill->desk.database, verdict.quorum_s, verdict.checkpoint.size, served.at, err);
}

static int note_entry(struct quill *quill, uint64_t position, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	struct ledger_entry entry;

	if (ledger_log_entry(quill->log, position, &bytes, err) < 0 ||
		ledger_entry_parse((struct span){bytes.data, bytes.len}, &entry, err) < 0)
		return error_context(err, "entry %" PRIu64 " of the ledger", position);
	return logged_row_add(quill->desk.database, position, &entry.digest, err);
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
	uint64_t size = ledger_log_newest(quill->log)->size, noted;

	if (logged_row_count(quill->desk.database, &noted, err) < 0)
		return -1;
	if (noted > size)
		return error_set(err, ERROR_DAMAGED,
			"the ledger has %" PRIu64 " entries, and %" PRIu64
			" were logged: an older copy of its folder was put in its place; put the newer one back",
			size, noted);
	for (; noted < size; noted += NOTED_AT_ONCE) {
		if (database_begin(quill->desk.database, err) < 0)
			return -1;
		if (keep_served(quill, err) < 0 || note_some(quill, noted, size, err) < 0) {
			database_undo(quill->desk.database);
			return -1;
		}
		if (database_commit(quill->desk.database, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- The witnesses ---- */

static int64_t now_ms(const struct quill *quill)
{
	return quill->desk.clock->monotonic_ms(quill->desk.clock);
}

static int call_witnesses(struct quill *quill, struct error *err)
{
	const struct config *config = quill->desk.config;

	if (ledger_policy_read(config, &quill->policy, err) < 0)
		return -1;
	if (!quill->policy)
		return 0;
	if (ledger_policy_check(config, quill->policy, ledger_log_key(quill->log), err) < 0)
		return -1;
	return witnesses_open(quill->policy, quill->desk.clock, &quill->witnesses, err);
}

int quill_check(const struct config *config, struct error *err)
{
	AUTO(signer) struct signer *signer = quill_read_key(config, err);
	AUTO(policy) struct policy *policy = NULL;
	struct vkey key;

	if (!signer || vkey_of_signer(signer, config->ledger_origin, VKEY_NOTE, &key, err) < 0 ||
		ledger_policy_read(config, &policy, err) < 0)
		return -1;
	return policy ? ledger_policy_check(config, policy, &key, err) : 0;
}

/* What is served already was cosigned before: those times are the ones that prove something. */
static bool is_served(const struct quill *quill)
{
	struct policy_verdict verdict;

	return ledger_log_served(quill->log) == ledger_log_newest(quill->log)->size &&
	       ledger_log_served_note(quill->log).len > 0 &&
	       policy_judge(quill->policy, ledger_log_served_note(quill->log), &verdict, NULL) == 0;
}

/* Shows the newest checkpoint to the witnesses, and serves it once they are enough. Some do not cosign an empty log: there it
 * is enough that they have nothing against it. */
static int show_newest(struct quill *quill, struct error *err)
{
	struct witnesses_answer answer = WITNESSES_ANSWER_INIT;
	int result;

	if (!quill->policy) {
		quill->is_confirmed = true;
		return ledger_log_publish(quill->log, SPAN(""), err);
	}
	quill->asked_ms = now_ms(quill);
	result = witnesses_ask(quill->witnesses, quill->log, &answer, err);
	if (result == 0) {
		quill->is_confirmed =
			answer.is_satisfied || (answer.is_undisputed && ledger_log_newest(quill->log)->size == 0);
		memcpy(quill->waits_for, answer.missing, sizeof(quill->waits_for));
		if (answer.is_satisfied && !is_served(quill))
			result = ledger_log_publish(
				quill->log, (struct span){buf_text(&answer.lines), answer.lines.len}, err);
	}
	buf_clear(&answer.lines);
	return result;
}

const char *quill_waits_for(const struct quill *quill)
{
	return quill->is_confirmed ? "" : quill->waits_for;
}

/* ---- Opening ---- */

int quill_open(const struct quill_desk *desk, struct quill **ret_quill, struct error *err)
{
	AUTO(quill) struct quill *quill = calloc(1, sizeof(*quill));

	if (!quill)
		return error_set(err, ERROR_FAILED, "no memory for the ledger");
	quill->desk = *desk;
	quill->entries.limit = (size_t)LEDGER_LOG_MAX_BATCH * LEDGER_ENTRY_MAX_BYTES;
	fs_init(&quill->fs);
	if (!(quill->signer = quill_read_key(desk->config, err)))
		return -1;
	quill->place = (struct ledger_place){
		.fs = &quill->fs,
		.folder = desk->config->ledger_folder,
		.origin = desk->config->ledger_origin,
		.signer = quill->signer,
		.may_sign = desk->may_sign,
		.context = desk->context,
	};

	/* What was signed and not served yet, as a cut came between, is served now. */
	if (database_bound_cache(desk->database, STORE_CACHE_KIB, err) < 0 ||
		!(quill->log = ledger_log_open(&quill->place, err)) || call_witnesses(quill, err) < 0 ||
		catch_up(quill, err) < 0 || show_newest(quill, err) < 0)
		return -1;
	*ret_quill = take_ptr(&quill);
	return 0;
}

void quill_close(struct quill *quill)
{
	if (!quill)
		return;
	witnesses_close(quill->witnesses);
	policy_free(quill->policy);
	ledger_log_close(quill->log);
	signer_free(quill->signer);
	buf_clear(&quill->entries);
	free(quill);
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
	if (unlogged_row_each(quill->desk.database, LEDGER_LOG_MAX_BATCH, take_unlogged, quill, err) < 0)
		return -1;
	for (size_t i = 0; i < quill->count; i++) {
		quill->spans[i].at = quill->entries.data + at;
		at += quill->spans[i].len;
	}
	return 0;
}

static int note_entries(struct quill *quill, uint64_t first, struct error *err)
{
	for (size_t i = 0; i < quill->count; i++)
		if (logged_row_add(quill->desk.database, first + i, &quill->digests[i], err) < 0)
			return -1;
	return 0;
}

static int note_batch(struct quill *quill, uint64_t first, struct error *err)
{
	if (database_begin(quill->desk.database, err) < 0)
		return -1;
	if (keep_served(quill, err) < 0 || note_entries(quill, first, err) < 0) {
		database_undo(quill->desk.database);
		return -1;
	}
	return database_commit(quill->desk.database, err);
}

int quill_log_batch(struct quill *quill, size_t *ret_count, struct error *err)
{
	uint64_t first;

	*ret_count = 0;
	if (!quill->is_confirmed && now_ms(quill) - quill->asked_ms >= ASKED_AGAIN_MS && show_newest(quill, err) < 0)
		return -1;
	if (!quill->is_confirmed)
		return 0;
	if (gather(quill, err) < 0)
		return -1;
	if (quill->count == 0)
		return 0;
	if (ledger_log_append(quill->log, quill->spans, quill->count, &first, err) < 0 ||
		note_batch(quill, first, err) < 0)
		return -1;
	quill->is_confirmed = false;
	*ret_count = quill->count;
	return show_newest(quill, err);
}

/* ---- Proving ---- */

/* Witnesses that are asked for see to it that the ledger only grows; else the terminal does so itself. */
static int prove_growth(struct quill *quill, uint64_t since, struct buf *ret_growth, struct error *err)
{
	struct growth_proof growth = {.old_size = since};
	uint64_t served = ledger_log_served(quill->log);

	if (since == 0 || since > served || (quill->policy && quill->policy->quorum >= 0))
		return 0;
	if (ledger_log_prove_growth(quill->log, since, served, &growth.path, err) < 0)
		return -1;
	return growth_proof_write(&growth, ret_growth, err);
}

int quill_prove(struct quill *quill, const struct sha256 *digest, uint64_t since, struct buf *ret_proof,
	struct buf *ret_growth, bool *ret_found, struct error *err)
{
	uint64_t served = ledger_log_served(quill->log);
	struct tlog_proof proof = {0};

	if (logged_row_find(quill->desk.database, digest, &proof.index, ret_found, err) < 0)
		return -1;
	*ret_found = *ret_found && proof.index < served;
	if (!*ret_found)
		return 0;
	proof.checkpoint = ledger_log_served_note(quill->log);
	if (ledger_log_prove(quill->log, proof.index, served, &proof.path, err) < 0 ||
		tlog_proof_write(&proof, ret_proof, err) < 0)
		return -1;
	return prove_growth(quill, since, ret_growth, err);
}
