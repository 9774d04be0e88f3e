#include "agent/proof/history_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/proof/proven_rows.h"
#include "agent/store/history.h"
#include "common/text.h"
#include "manifests/keys/canonical_json.h"

#define FORM "haishin-history-file-1"
#define SEAL_MAX_BYTES 4096

/* ---- Rows. ---- */

json_t *history_row_json(const struct history_row *row)
{
	char time[CLOCK_TEXT_SIZE];

	return JSON_OBJECT({
		json_number("number", row->number),
		json_text("time", clock_text(row->at_s, time)),
		json_text("boot", row->boot_id),
		json_text("operation", row->operation),
		json_text_unless_empty("package", row->package),
		json_text_unless_empty("version", row->version),
		json_text_unless_empty("digest", row->digest),
		json_text("outcome", row->outcome),
		json_text("error", row->error),
		json_text_unless_empty("detail", row->detail),
		json_text("previous", row->previous),
		json_text("row_digest", row->row_digest),
	});
}

/* A member that must be there where IS_REQUIRED; longer than SIZE it cannot have been a row's. */
static int read_text(
	const json_t *json, const char *key, bool is_required, char *ret_text, size_t size, struct error *err)
{
	const char *text = "";

	if (is_required ? json_want_string(json, key, &text, err) < 0 : json_may_string(json, key, &text, err) < 0)
		return -1;
	if (strlen(text) >= size)
		return error_set(err, ERROR_INPUT, "'%s' is longer than a row can hold", key);
	(void)strcpy(ret_text, text);
	return 0;
}

/* And back. ERROR_INPUT names the member that is wrong. */
static int read_row(const json_t *json, struct history_row *ret_row, struct error *err)
{
	struct history_row row = {0};
	char time[CLOCK_TEXT_SIZE];

	if (json_want_integer(json, "number", 1, INT64_MAX, &row.number, err) < 0 ||
		read_text(json, "time", true, time, sizeof(time), err) < 0 || clock_parse(time, &row.at_s, err) < 0 ||
		read_text(json, "boot", true, row.boot_id, sizeof(row.boot_id), err) < 0 ||
		read_text(json, "operation", true, row.operation, sizeof(row.operation), err) < 0 ||
		read_text(json, "package", false, row.package, sizeof(row.package), err) < 0 ||
		read_text(json, "version", false, row.version, sizeof(row.version), err) < 0 ||
		read_text(json, "digest", false, row.digest, sizeof(row.digest), err) < 0 ||
		read_text(json, "outcome", true, row.outcome, sizeof(row.outcome), err) < 0 ||
		read_text(json, "error", true, row.error, sizeof(row.error), err) < 0 ||
		read_text(json, "detail", false, row.detail, sizeof(row.detail), err) < 0 ||
		read_text(json, "previous", true, row.previous, sizeof(row.previous), err) < 0 ||
		read_text(json, "row_digest", true, row.row_digest, sizeof(row.row_digest), err) < 0)
		return -1;
	*ret_row = row;
	return 0;
}

/* ---- Writing. ---- */

void history_seal_clear(struct history_seal *seal)
{
	digest_free(take_ptr(&seal->digest));
}

/* Takes the object (NULL: memory is gone). */
static int add_line(struct history_seal *seal, json_t *take_json, struct buf *text, struct error *err)
{
	AUTO(json) json_t *json = take_json;
	size_t before = text->len;

	if (!json)
		return error_set(err, ERROR_FAILED, "no memory for a line of the history");
	if (json_write(json, text, err) < 0 || buf_append(text, "\n", 1, err) < 0)
		return -1;
	digest_update(seal->digest, text->data + before, text->len - before);
	return 0;
}

int history_seal_begin(struct history_seal *seal, const struct history_chain *before, int64_t now_s,
	const struct signer *signer, struct buf *text, struct error *err)
{
	json_t *key = signer_public_key(signer, err);
	char time[CLOCK_TEXT_SIZE];

	if (!key || !(seal->digest = digest_new(DIGEST_SHA256, err)))
		return json_decref(key), -1;
	seal->before = seal->chain = *before;
	return add_line(seal,
		JSON_OBJECT({
			json_text("form", FORM),
			json_text("made", clock_text(now_s, time)),
			json_number("first", before->number + 1),
			json_text("previous", before->digest),
			json_take("key", key),
		}),
		text, err);
}

int history_seal_row(struct history_seal *seal, const struct history_row *row, struct buf *text, struct error *err)
{
	if (history_chain_take(&seal->chain, row, err) < 0)
		return -1;
	return add_line(seal, history_row_json(row), text, err);
}

/* What is signed: where the part begins and ends, and the digest of its lines. */
static int write_statement(const struct history_chain *before, const struct history_chain *last,
	const struct sha256 *digest, struct buf *ret_text, struct error *err)
{
	char hex[SHA256_HEX_SIZE];
	AUTO(json)
	json_t *statement = JSON_OBJECT({
		json_blame(err),
		json_text("form", FORM),
		json_number("first", before->number + 1),
		json_text("previous", before->digest),
		json_number("last", last->number),
		json_text("head", last->digest),
		json_text("sha256", sha256_hex(digest, hex)),
	});

	if (!statement)
		return error_context(err, "seal of the history");
	return canonical_json_write(statement, ret_text, err);
}

int history_seal_end(struct history_seal *seal, const struct signer *signer, struct buf *text, struct error *err)
{
	AUTO(buf) struct buf statement = BUF_INIT(SEAL_MAX_BYTES);
	AUTO(buf) struct buf signature = BUF_INIT(SEAL_MAX_BYTES);
	AUTO(json) json_t *line = NULL;
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;

	digest_finish(seal->digest, &digest);
	if (write_statement(&seal->before, &seal->chain, &digest, &statement, err) < 0 ||
		signer_sign(signer, statement.data, statement.len, &signature, err) < 0)
		return error_context(err, "seal of the history");
	if (!(line = JSON_OBJECT({
		      json_blame(err),
		      json_number("last", seal->chain.number),
		      json_text("head", seal->chain.digest),
		      json_text("sha256", sha256_hex(&digest, hex)),
		      json_text("key_id", signer_key_id(signer)),
		      json_text("signature", buf_text(&signature)),
	      })))
		return error_context(err, "seal of the history");
	return json_write(line, text, err) < 0 ? -1 : buf_append(text, "\n", 1, err);
}

/* ---- Reading. ---- */

struct history_reader {
	FILE *file;
	const struct key *key;		/* the terminal's */
	const struct key_names *former; /* its former ones; NULL: the rows name them */
	struct key_names named, used;	/* by rows; by the heads of parts, beside the terminal's own */
	struct key *part_key;		/* of the part at work, or the last */
	history_row_function *each; /* NULL: nobody */
	void *context;
	struct proven_rows proven;
	char terminal[KEY_ID_SIZE]; /* id of the key that the parts name */
	char *line;		    /* the one at work, as getline() keeps it */
	size_t capacity;
	int64_t number; /* of the line, from 1 */
	struct digest *digest;
	json_t *json;			/* the line's */
	struct history_file_facts part; /* the one at work, or the last */
	struct history_file_facts facts;
	bool in_part;
	bool has_part; /* one whose seal holds */
};

static void clear(struct history_reader *reader)
{
	free(reader->line);
	digest_free(reader->digest);
	key_free(reader->part_key);
	json_decref(reader->json);
}
DEFINE_AUTO(reader, struct history_reader, clear);

static int read_line(struct history_reader *reader, size_t most, size_t *ret_len, struct error *err)
{
	ssize_t len = getline(&reader->line, &reader->capacity, reader->file);

	json_decref(take_ptr(&reader->json));
	reader->number++;
	if (len < 0)
		return error_set(err, ERROR_DAMAGED, "the file ends before its seal");
	if ((size_t)len > most || reader->line[len - 1] != '\n')
		return error_set(err, ERROR_DAMAGED, "no line of a history");
	if (!(reader->json = json_parse(reader->line, (size_t)len, err))) {
		err->code = ERROR_DAMAGED;
		return -1;
	}
	*ret_len = (size_t)len;
	return 0;
}

/* A part follows the one before it; the first follows whatever it says. */
static int check_follows(const struct history_reader *reader, struct error *err)
{
	const struct history_chain *after = &reader->facts.last, *before = &reader->part.before;

	if (!reader->has_part || (before->number == after->number && strcmp(before->digest, after->digest) == 0))
		return 0;
	return error_set(err, ERROR_DAMAGED,
		"history row %" PRId64 " is missing: the next part begins with row %" PRId64, after->number + 1,
		before->number + 1);
}

static int refuse_key(struct error *err)
{
	return error_set(err, ERROR_REFUSED, "wrong key: the history was sealed by another terminal");
}

/* A part that was sealed before the terminal got the key that is given. Where only rows to come can say so, they are waited for. */
static int take_former(struct history_reader *reader, struct error *err)
{
	if (reader->former ? !key_names_hold(reader->former, reader->terminal) : reader->used.count == KEY_NAMES_MOST)
		return refuse_key(err);
	key_names_add(&reader->used, reader->terminal);
	return 0;
}

/* What the head of a part names: the terminal's key, or a former one. */
static int take_key(struct history_reader *reader, const json_t *public_key, struct error *err)
{
	AUTO(key) struct key *key = key_parse(public_key, err);

	if (!key || key_id_of(public_key, reader->terminal, err) < 0 ||
		(!key_equal(key, reader->key) && take_former(reader, err) < 0))
		return -1;
	key_free(reader->part_key);
	reader->part_key = take_ptr(&key);
	return 0;
}

static int begin_part(struct history_reader *reader, size_t len, struct error *err)
{
	struct history_file_facts *part = &reader->part;
	const char *made, *previous;
	const json_t *public_key;

	if (json_want_string(reader->json, "made", &made, err) < 0 || clock_parse(made, &part->made_s, err) < 0 ||
		json_want_integer(reader->json, "first", 1, INT64_MAX, &part->before.number, err) < 0 ||
		json_want_string(reader->json, "previous", &previous, err) < 0 ||
		json_want_object(reader->json, "key", &public_key, err) < 0 || take_key(reader, public_key, err) < 0)
		return -1;
	part->before.number--;
	text_cut(previous, part->before.digest, sizeof(part->before.digest));
	part->last = part->before;
	digest_update(reader->digest, reader->line, len);
	reader->in_part = true;
	return check_follows(reader, err);
}

/* Receipts stand before the first part, and nothing stands between parts. */
static int take_head(struct history_reader *reader, struct error *err)
{
	const char *form = "";
	struct error ignored = {0};
	size_t len;

	if (read_line(reader, reader->has_part ? HISTORY_LINE_MAX_BYTES : RECEIPT_MAX_BYTES, &len, &ignored) < 0 ||
		json_want_string(reader->json, "form", &form, &ignored) < 0 ||
		(strcmp(form, FORM) != 0 && (reader->has_part || strcmp(form, RECEIPT_FORM) != 0)))
		return error_set(err, ERROR_INPUT, "the file is no export of a history");
	return strcmp(form, FORM) == 0 ? begin_part(reader, len, err)
				       : proven_rows_take(&reader->proven, reader->json, err);
}

static int end_part(struct history_reader *reader, struct error *err)
{
	AUTO(buf) struct buf statement = BUF_INIT(SEAL_MAX_BYTES);
	struct sha256 digest;
	const char *signature;

	digest_finish(reader->digest, &digest);
	if (json_want_string(reader->json, "signature", &signature, err) < 0 ||
		write_statement(&reader->part.before, &reader->part.last, &digest, &statement, err) < 0)
		return -1;
	if (!key_verify(reader->part_key, statement.data, statement.len, signature))
		return error_set(err, ERROR_DAMAGED,
			"the seal does not hold: lines before it were changed, added or removed, or another key made "
			"it");
	if (!reader->has_part)
		reader->facts.before = reader->part.before;
	reader->facts.last = reader->part.last;
	reader->facts.made_s = reader->part.made_s;
	reader->has_part = true;
	reader->in_part = false;
	return 0;
}

static int take_row(struct history_reader *reader, size_t len, struct error *err)
{
	struct history_chain *chain = &reader->part.last;
	struct history_row row;

	if (read_row(reader->json, &row, err) < 0) {
		err->code = ERROR_DAMAGED;
		return error_context(err, "history row %" PRId64, chain->number + 1);
	}
	if (history_chain_take(chain, &row, err) < 0 || proven_rows_compare(&reader->proven, &row, err) < 0)
		return -1;
	if (strcmp(row.operation, HISTORY_NEW_KEY) == 0 && *row.digest)
		key_names_add(&reader->named, row.digest);
	digest_update(reader->digest, reader->line, len);
	return reader->each ? reader->each(reader->context, &row, err) : 0;
}

static int take_line(struct history_reader *reader, struct error *err)
{
	size_t len;

	if (!reader->in_part)
		return take_head(reader, err);
	if (read_line(reader, HISTORY_LINE_MAX_BYTES, &len, err) < 0)
		return -1;
	return json_object_get(reader->json, "signature") ? end_part(reader, err) : take_row(reader, len, err);
}

static bool is_at_end(struct history_reader *reader)
{
	int next;

	if (reader->in_part || !reader->has_part)
		return false;
	next = fgetc(reader->file);
	return next == EOF || ungetc(next, reader->file) == EOF;
}

/* The last part is sealed by the key that was given, and its chain vouches for the rows before it: those name the former keys. */
static int check_keys(const struct history_reader *reader, struct error *err)
{
	if (reader->former)
		return 0;
	if (!key_equal(reader->part_key, reader->key))
		return refuse_key(err);
	for (size_t i = 0; i < reader->used.count; i++)
		if (!key_names_hold(&reader->named, reader->used.ids[i]))
			return refuse_key(err);
	return 0;
}

static int tell_facts(const struct history_reader *reader, struct history_file_facts *ret_facts, struct error *err)
{
	struct history_file_facts facts = reader->facts;

	facts.receipts = reader->proven.receipts;
	if (check_keys(reader, err) < 0 || proven_rows_end(&reader->proven, reader->terminal, &reader->named,
						   facts.last.number, &facts.receipt, err) < 0)
		return -1;
	*ret_facts = facts;
	return 0;
}

int history_file_verify(FILE *file, const struct history_file_trust *trust, history_row_function *each, void *context,
	struct history_file_facts *ret_facts, struct error *err)
{
	AUTO(reader)
	struct history_reader reader = {
		.file = file, .key = trust->key, .each = each, .context = context, .proven = {.policy = trust->policy}};

	if (!(reader.digest = digest_new(DIGEST_SHA256, err)))
		return -1;
	do
		if (take_line(&reader, err) < 0)
			return error_context(err, "line %" PRId64, reader.number);
	while (!is_at_end(&reader));
	return tell_facts(&reader, ret_facts, err);
}

struct history_reader *history_reader_new(
	FILE *take_file, const struct key *key, const struct key_names *former, struct error *err)
{
	AUTO(file) FILE *file = take_file;
	AUTO(history_reader) struct history_reader *reader = calloc(1, sizeof(*reader));

	if (!reader) {
		(void)error_set(err, ERROR_FAILED, "no memory for reading a history");
		return NULL;
	}
	reader->key = key;
	reader->former = former;
	if (!(reader->digest = digest_new(DIGEST_SHA256, err)))
		return NULL;
	reader->file = take_ptr(&file);
	return take_ptr(&reader);
}

int history_reader_step(struct history_reader *reader, int lines, bool *ret_end, struct history_file_facts *ret_facts,
	struct error *err)
{
	while (lines-- > 0 && !is_at_end(reader))
		if (take_line(reader, err) < 0)
			return error_context(err, "line %" PRId64, reader->number);
	*ret_end = is_at_end(reader);
	return *ret_end ? tell_facts(reader, ret_facts, err) : 0;
}

void history_reader_free(struct history_reader *reader)
{
	if (!reader)
		return;
	auto_file(&reader->file);
	clear(reader);
	free(reader);
}
