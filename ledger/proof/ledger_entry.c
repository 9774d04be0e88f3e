#include "ledger/proof/ledger_entry.h"

#include <inttypes.h>
#include <string.h>

#include "common/json.h"
#include "ledger/note/base64.h"

#define HASH_LENGTH BASE64_LENGTH(SHA256_SIZE)

/* In base64, as the tree's own hashes are. */
static int read_hash(const json_t *object, const char *key, struct sha256 *ret_hash, struct error *err)
{
	const char *text;

	if (json_want_string(object, key, &text, err) < 0)
		return -1;
	if (!span_hash(SPAN(text), ret_hash))
		return error_set(err, ERROR_INPUT, "member '%s' is no SHA-256 in base64", key);
	return 0;
}

/* In hexadecimal, as receipts have it. */
static int read_digest(const json_t *object, struct sha256 *ret_digest, struct error *err)
{
	const char *hex;

	if (json_want_string(object, "sha256", &hex, err) < 0 || sha256_parse(hex, ret_digest, err) < 0)
		return error_context(err, "member 'sha256'");
	return 0;
}

static int read_members(const json_t *object, struct ledger_entry *entry, struct error *err)
{
	struct sha256 terminal;
	const char *form;

	if (json_want_string(object, "form", &form, err) < 0)
		return -1;
	if (strcmp(form, LEDGER_ENTRY_FORM) != 0)
		return error_set(err, ERROR_INPUT, "form '%.64s' is not known here", form);
	if (read_hash(object, "terminal", &terminal, err) < 0 ||
		json_want_integer(object, "report", 1, INT64_MAX, &entry->report, err) < 0 ||
		read_digest(object, &entry->digest, err) < 0 ||
		json_want_integer(object, "rows", 0, INT64_MAX, &entry->rows, err) < 0 ||
		read_hash(object, "head", &entry->head, err) < 0)
		return -1;
	(void)sha256_hex(&terminal, entry->terminal);
	return 0;
}

/* Canonical JSON: the members by their names, no white space. None of the values has a character that it would have to write
 * otherwise, so it need not be asked, thousands of times a second. */
int ledger_entry_write(const struct ledger_entry *entry, struct buf *ret_bytes, struct error *err)
{
	AUTO(buf) struct buf terminal = BUF_INIT(HASH_LENGTH), head = BUF_INIT(HASH_LENGTH);
	char digest[SHA256_HEX_SIZE];
	struct sha256 id;

	if (sha256_parse(entry->terminal, &id, err) < 0)
		return error_context(err, "the terminal of an entry");
	if (base64_write(id.bytes, SHA256_SIZE, &terminal, err) < 0 ||
		base64_write(entry->head.bytes, SHA256_SIZE, &head, err) < 0)
		return -1;
	return buf_printf(ret_bytes, err,
		"{\"form\":\"" LEDGER_ENTRY_FORM "\",\"head\":\"%s\",\"report\":%" PRId64 ",\"rows\":%" PRId64
		",\"sha256\":\"%s\",\"terminal\":\"%s\"}",
		buf_text(&head), entry->report, entry->rows, sha256_hex(&entry->digest, digest), buf_text(&terminal));
}

int ledger_entry_parse(struct span data, struct ledger_entry *ret_entry, struct error *err)
{
	AUTO(buf) struct buf again = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	AUTO(json) json_t *object = NULL;
	struct ledger_entry entry;
	struct error why;

	if (data.len > LEDGER_ENTRY_MAX_BYTES)
		return error_set(
			err, ERROR_REFUSED, "an entry of the ledger with more than %d bytes", LEDGER_ENTRY_MAX_BYTES);
	if (!(object = json_parse(data.at, data.len, &why)) || read_members(object, &entry, &why) < 0)
		return error_set(err, ERROR_REFUSED, "not an entry of the ledger: %s", why.text);
	if (ledger_entry_write(&entry, &again, err) < 0)
		return -1;
	if (again.len != data.len || memcmp(again.data, data.at, data.len) != 0)
		return error_set(err, ERROR_REFUSED, "an entry of the ledger that is not in its one canonical form");
	*ret_entry = entry;
	return 0;
}
