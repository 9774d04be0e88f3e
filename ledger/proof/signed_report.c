#include "ledger/proof/signed_report.h"

#include <string.h>

#include "common/buf.h"
#include "common/clock.h"
#include "manifests/keys/canonical_json.h"
#include "manifests/keys/key.h"

#define SIGNATURE "signature"

void signed_report_clear(struct signed_report *report)
{
	json_decref(report->json);
	*report = (struct signed_report){0};
}

/* What is signed: all members but the signature itself. */
static int write_signed(const json_t *report, struct buf *ret_bytes, struct error *err)
{
	AUTO(json) json_t *copy = json_copy((json_t *)report);

	if (!copy)
		return error_set(err, ERROR_FAILED, "no memory for a report");
	(void)json_object_del(copy, SIGNATURE);
	return canonical_json_write(copy, ret_bytes, err);
}

int signed_report_sign(json_t *report, const struct signer *signer, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(SIGNED_REPORT_MAX_BYTES), hex = BUF_INIT(4096);

	if (write_signed(report, &text, err) < 0 || signer_sign(signer, text.data, text.len, &hex, err) < 0)
		return -1;
	if (json_object_set_new(report, SIGNATURE, json_string(buf_text(&hex))) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a report");
	return 0;
}

static int check_signature(const json_t *json, const json_t *key_object, const char *terminal, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(SIGNED_REPORT_MAX_BYTES);
	AUTO(key) struct key *key = NULL;
	const char *signature;

	if (key_check_id(key_object, terminal, err) < 0 || !(key = key_parse(key_object, err)) ||
		json_want_string(json, SIGNATURE, &signature, err) < 0 || write_signed(json, &text, err) < 0)
		return -1;
	if (!key_verify(key, text.data, text.len, signature))
		return error_set(err, ERROR_REFUSED, "the terminal's signature does not hold");
	return 0;
}

static int read_head(const json_t *history, struct ledger_entry *entry, struct error *err)
{
	const char *head;

	if (json_want_integer(history, "rows", 0, INT64_MAX, &entry->rows, err) < 0 ||
		json_want_string(history, "head", &head, err) < 0)
		return -1;
	return sha256_parse(head, &entry->head, err);
}

static int read_members(struct signed_report *report, struct error *err)
{
	const json_t *history, *certificate, *key;
	const char *form, *terminal, *made;
	struct sha256 id;

	if (json_want_string(report->json, "form", &form, err) < 0)
		return -1;
	if (strcmp(form, SIGNED_REPORT_FORM) != 0)
		return error_set(err, ERROR_REFUSED, "form '%.64s' is not " SIGNED_REPORT_FORM, form);
	if (json_want_string(report->json, "terminal", &terminal, err) < 0 || sha256_parse(terminal, &id, err) < 0 ||
		json_want_integer(report->json, "number", 1, INT64_MAX, &report->entry.report, err) < 0 ||
		json_want_string(report->json, "made", &made, err) < 0 ||
		clock_parse(made, &report->made_s, err) < 0 ||
		json_want_object(report->json, "history", &history, err) < 0 ||
		read_head(history, &report->entry, err) < 0 ||
		json_want_object(report->json, "certificate", &certificate, err) < 0 ||
		json_want_string(certificate, "chain", &report->chain, err) < 0 ||
		json_want_string(certificate, SIGNATURE, &report->chain_signature, err) < 0 ||
		json_want_object(history, "key", &key, err) < 0)
		return -1;
	(void)sha256_hex(&id, report->entry.terminal);
	return check_signature(report->json, key, report->entry.terminal, err);
}

int signed_report_read(struct span bytes, struct signed_report *ret_report, struct error *err)
{
	AUTO(signed_report) struct signed_report report = {0};
	struct error why;

	if (bytes.len > SIGNED_REPORT_MAX_BYTES)
		return error_set(err, ERROR_REFUSED, "a report of more than %d bytes", SIGNED_REPORT_MAX_BYTES);
	if (!(report.json = json_parse(bytes.at, bytes.len, &why)) || read_members(&report, &why) < 0)
		return error_set(err, ERROR_REFUSED, "the report: %s", why.text);
	sha256_of(bytes.at, bytes.len, &report.entry.digest);
	*ret_report = report;
	report = (struct signed_report){0};
	return 0;
}
