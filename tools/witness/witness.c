#include "tools/witness/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/note/checkpoint.h"
#include "ledger/note/cosignature.h"
#include "ledger/proof/add_checkpoint.h"

#define TEXT "text/plain; charset=utf-8"

/* A request as far as it can be judged without what was cosigned before. */
struct asked {
	struct add_checkpoint request;
	struct note note;
	struct checkpoint checkpoint;
};

static void say(struct witness_answer *answer, unsigned int status, const char *sentence)
{
	answer->status = status;
	answer->content_type = TEXT;
	buf_empty(&answer->body);
	if (buf_printf(&answer->body, NULL, "%s\n", sentence) < 0)
		answer->status = 500;
}

/* ---- What the log says ---- */

/* The answer's status is set where the log is unknown, or has not signed. */
static bool check_log(const struct witness *witness, const struct asked *asked, struct witness_answer *answer)
{
	bool known = false, is_signed = false;

	for (size_t i = 0; i < witness->logs->log_count; i++) {
		const struct vkey *key = &witness->logs->logs[i].key;
		enum note_verdict verdict;

		if (strcmp(key->name, asked->checkpoint.origin) != 0)
			continue;
		known = true;
		if ((verdict = note_check(&asked->note, key)) == NOTE_FORGED) {
			say(answer, 403, "The log's signature does not hold.");
			return false;
		}
		is_signed |= verdict == NOTE_SIGNED;
	}
	if (!known)
		say(answer, 404, "This witness does not know that log.");
	else if (!is_signed)
		say(answer, 403, "No key of that log that this witness knows has signed the checkpoint.");
	return is_signed;
}

static bool read_request(
	const struct witness *witness, struct span body, struct asked *asked, struct witness_answer *answer)
{
	struct error err;

	if (add_checkpoint_parse(body, &asked->request, &err) < 0 ||
		note_parse(asked->request.checkpoint, &asked->note, &err) < 0 ||
		checkpoint_parse(asked->note.text, &asked->checkpoint, &err) < 0) {
		say(answer, 400, err.text);
		return false;
	}
	if (!check_log(witness, asked, answer))
		return false;
	if (asked->request.old_size > asked->checkpoint.size) {
		say(answer, 400, "The old size is above that of the checkpoint.");
		return false;
	}
	return true;
}

/* ---- What was cosigned before ---- */

/* A log that was never seen stands at the empty tree. */
static int load_last(struct witness *witness, const char *origin, struct checkpoint *ret_last, struct error *err)
{
	AUTO(buf) struct buf note = BUF_INIT(NOTE_MAX_BYTES);
	struct note parsed;

	*ret_last = (struct checkpoint){.size = 0};
	merkle_empty(&ret_last->root);
	if (witness_store_load(witness->store, origin, &note, err) < 0)
		return -1;
	if (note.len == 0)
		return 0;
	if (note_parse((struct span){note.data, note.len}, &parsed, err) < 0 ||
		checkpoint_parse(parsed.text, ret_last, err) < 0)
		return error_context(err, "what was cosigned for '%s'", origin);
	return 0;
}

static void say_size(struct witness_answer *answer, uint64_t size)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRIu64, size);
	say(answer, 409, text);
	answer->content_type = "text/x.tlog.size";
}

static bool follows(const struct asked *asked, const struct checkpoint *last, struct witness_answer *answer)
{
	const struct checkpoint *next = &asked->checkpoint;
	struct error err;

	if (asked->request.old_size != last->size ||
		(last->size == next->size && !sha256_equal(&last->root, &next->root))) {
		say_size(answer, last->size);
		return false;
	}
	if (merkle_check_consistency(last->size, &last->root, next->size, &next->root, &asked->request.path, &err) <
		0) {
		say(answer, 422, err.text);
		return false;
	}
	return true;
}

/* ---- Cosigning ---- */

/* The first signature of this key, all of whose hold; the same once more would only fill what is kept. */
static int write_signature(const struct note *note, const struct vkey *key, struct buf *ret_note, struct error *err)
{
	for (size_t i = 0; i < note->count; i++) {
		const struct note_signature *signature = &note->signatures[i];

		if (span_is(signature->name, key->name) && memcmp(signature->id, key->id, VKEY_ID_BYTES) == 0)
			return buf_append(ret_note, signature->line.at, signature->line.len, err);
	}
	return 0;
}

/* The note as it is kept: the log's own signatures, and ours. */
static int write_kept(const struct witness *witness, const struct asked *asked, struct span cosignature,
	struct buf *ret_note, struct error *err)
{
	const struct note *note = &asked->note;

	if (buf_append(ret_note, note->text.at, note->text.len, err) < 0 || buf_append(ret_note, "\n", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < witness->logs->log_count; i++)
		if (write_signature(note, &witness->logs->logs[i].key, ret_note, err) < 0)
			return -1;
	return buf_append(ret_note, cosignature.at, cosignature.len, err);
}

static int cosign(struct witness *witness, const struct asked *asked, struct buf *ret_line, struct error *err)
{
	AUTO(buf) struct buf kept = BUF_INIT(NOTE_MAX_BYTES);
	int64_t now_s = witness->clock->now_s(witness->clock);

	if (cosignature_sign(asked->note.text, now_s, witness->key, witness->signer, ret_line, err) < 0 ||
		write_kept(witness, asked, (struct span){ret_line->data, ret_line->len}, &kept, err) < 0)
		return -1;
	return witness_store_save(witness->store, asked->checkpoint.origin, buf_text(&kept), err);
}

/* Within the transaction: 1 where it is to be committed, 0 where the answer says no. */
static int decide(
	struct witness *witness, const struct asked *asked, struct witness_answer *answer, struct error *err)
{
	struct checkpoint last;

	if (load_last(witness, asked->checkpoint.origin, &last, err) < 0)
		return -1;
	if (!follows(asked, &last, answer))
		return 0;
	buf_empty(&answer->body);
	return cosign(witness, asked, &answer->body, err) < 0 ? -1 : 1;
}

void witness_add_checkpoint(struct witness *witness, struct span body, struct witness_answer *ret_answer)
{
	struct asked asked;
	struct error err;
	int decided;

	if (!read_request(witness, body, &asked, ret_answer))
		return;
	decided = witness_store_begin(witness->store, &err);
	if (decided == 0)
		decided = decide(witness, &asked, ret_answer, &err);
	if (decided == 1 && witness_store_commit(witness->store, &err) == 0) {
		ret_answer->status = 200;
		ret_answer->content_type = TEXT;
		return;
	}
	witness_store_undo(witness->store);
	if (decided != 0)
		say(ret_answer, err.code == ERROR_BUSY ? 503 : 500, err.text);
}

void witness_show_checkpoint(struct witness *witness, struct span hash, struct witness_answer *ret_answer)
{
	for (size_t i = 0; i < witness->logs->log_count; i++) {
		const char *origin = witness->logs->logs[i].key.name;
		char hex[SHA256_HEX_SIZE];
		struct sha256 digest;
		struct error err;

		sha256_of(origin, strlen(origin), &digest);
		if (!span_is(hash, sha256_hex(&digest, hex)))
			continue;
		ret_answer->status = 200;
		ret_answer->content_type = TEXT;
		if (witness_store_load(witness->store, origin, &ret_answer->body, &err) < 0)
			say(ret_answer, 500, err.text);
		else if (ret_answer->body.len == 0)
			say(ret_answer, 404, "This witness has cosigned nothing of that log.");
		return;
	}
	say(ret_answer, 404, "This witness does not know that log.");
}
