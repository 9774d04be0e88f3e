#include "agent/proof/history_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

int history_row_read(const json_t *json, struct history_row *ret_row, struct error *err)
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

struct reading {
	FILE *file;
	char *line; /* the one at work, as getline() keeps it */
	size_t capacity;
	int64_t number; /* of the line, from 1 */
	struct digest *digest;
	json_t *json; /* the line's */
};

static void reading_clear(struct reading *reading)
{
	free(reading->line);
	digest_free(reading->digest);
	json_decref(reading->json);
}
DEFINE_AUTO(reading, struct reading, reading_clear);

static int read_line(struct reading *reading, ssize_t *ret_len, struct error *err)
{
	ssize_t len = getline(&reading->line, &reading->capacity, reading->file);

	json_decref(take_ptr(&reading->json));
	reading->number++;
	if (len < 0)
		return error_set(err, ERROR_DAMAGED, "the file ends before its seal");
	if (len > HISTORY_LINE_MAX_BYTES || reading->line[len - 1] != '\n')
		return error_set(err, ERROR_DAMAGED, "no line of a history");
	if (!(reading->json = json_parse(reading->line, (size_t)len, err))) {
		err->code = ERROR_DAMAGED;
		return -1;
	}
	*ret_len = len;
	return 0;
}

static int read_head(
	struct reading *reading, const struct key *key, struct history_file_facts *facts, struct error *err)
{
	const char *form = "", *made, *previous;
	const json_t *public_key;
	AUTO(key) struct key *own = NULL;
	struct error ignored = {0};
	ssize_t len;

	if (read_line(reading, &len, &ignored) < 0 || json_want_string(reading->json, "form", &form, &ignored) < 0 ||
		strcmp(form, FORM) != 0)
		return error_set(err, ERROR_INPUT, "the file is no export of a history");
	if (json_want_string(reading->json, "made", &made, err) < 0 || clock_parse(made, &facts->made_s, err) < 0 ||
		json_want_integer(reading->json, "first", 1, INT64_MAX, &facts->before.number, err) < 0 ||
		json_want_string(reading->json, "previous", &previous, err) < 0 ||
		json_want_object(reading->json, "key", &public_key, err) < 0 || !(own = key_parse(public_key, err)))
		return -1;
	if (!key_equal(own, key))
		return error_set(err, ERROR_REFUSED, "wrong key: the history was sealed by another terminal");
	facts->before.number--;
	text_cut(previous, facts->before.digest, sizeof(facts->before.digest));
	facts->last = facts->before;
	digest_update(reading->digest, reading->line, (size_t)len);
	return 0;
}

static int check_seal(
	struct reading *reading, const struct key *key, const struct history_file_facts *part, struct error *err)
{
	AUTO(buf) struct buf statement = BUF_INIT(SEAL_MAX_BYTES);
	struct sha256 digest;
	const char *signature;

	digest_finish(reading->digest, &digest);
	if (json_want_string(reading->json, "signature", &signature, err) < 0 ||
		write_statement(&part->before, &part->last, &digest, &statement, err) < 0)
		return -1;
	if (!key_verify(key, statement.data, statement.len, signature))
		return error_set(err, ERROR_DAMAGED,
			"the seal does not hold: lines before it were changed, added or removed, or another key made "
			"it");
	return 0;
}

static int take_row(struct reading *reading, size_t len, history_row_function *each, void *context,
	struct history_chain *chain, struct error *err)
{
	struct history_row row;

	if (history_row_read(reading->json, &row, err) < 0) {
		err->code = ERROR_DAMAGED;
		return error_context(err, "history row %" PRId64, chain->number + 1);
	}
	if (history_chain_take(chain, &row, err) < 0)
		return -1;
	digest_update(reading->digest, reading->line, len);
	return each ? each(context, &row, err) : 0;
}

/* A part follows the one before it, AFTER; the first follows whatever it says. */
static int check_follows(const struct history_chain *after, const struct history_file_facts *part, struct error *err)
{
	if (!after || (part->before.number == after->number && strcmp(part->before.digest, after->digest) == 0))
		return 0;
	return error_set(err, ERROR_DAMAGED,
		"history row %" PRId64 " is missing: the next part begins with row %" PRId64, after->number + 1,
		part->before.number + 1);
}

static int read_part(struct reading *reading, const struct key *key, const struct history_chain *after,
	history_row_function *each, void *context, struct history_file_facts *ret_part, struct error *err)
{
	ssize_t len;

	if (read_head(reading, key, ret_part, err) < 0 || check_follows(after, ret_part, err) < 0)
		return -1;
	while (read_line(reading, &len, err) == 0) {
		if (json_object_get(reading->json, "signature"))
			return check_seal(reading, key, ret_part, err);
		if (take_row(reading, (size_t)len, each, context, &ret_part->last, err) < 0)
			return -1;
	}
	return -1;
}

static bool is_at_end(FILE *file)
{
	int next = fgetc(file);

	return next == EOF || ungetc(next, file) == EOF;
}

int history_file_verify(FILE *file, const struct key *key, history_row_function *each, void *context,
	struct history_file_facts *ret_facts, struct error *err)
{
	AUTO(reading) struct reading reading = {.file = file};
	struct history_file_facts facts = {0}, part = {0};
	bool is_first = true;

	if (!(reading.digest = digest_new(DIGEST_SHA256, err)))
		return -1;
	do {
		if (read_part(&reading, key, is_first ? NULL : &facts.last, each, context, &part, err) < 0)
			return error_context(err, "line %" PRId64, reading.number);
		if (is_first)
			facts = part;
		facts.last = part.last;
		facts.made_s = part.made_s;
		is_first = false;
	} while (!is_at_end(file));
	*ret_facts = facts;
	return 0;
}
