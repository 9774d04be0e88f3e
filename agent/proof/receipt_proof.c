#include "agent/proof/receipt_proof.h"

#include <string.h>

int receipt_proof_check(const struct ledger_entry *entry, const char *proof_text, const struct policy *policy,
	struct receipt *ret_receipt, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	struct policy_verdict verdict;
	struct tlog_proof proof;

	if (ledger_entry_write(entry, &bytes, err) < 0 || tlog_proof_parse(SPAN(proof_text), &proof, err) < 0 ||
		tlog_proof_check(&proof, (struct span){bytes.data, bytes.len}, policy, &verdict, err) < 0)
		return -1;
	*ret_receipt = (struct receipt){*entry, proof.index, verdict.checkpoint, verdict.quorum_s};
	return 0;
}

json_t *receipt_proof_json(const struct ledger_entry *entry, const char *proof, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	json_t *json;

	if (ledger_entry_write(entry, &bytes, err) < 0)
		return NULL;
	json = JSON_OBJECT({
		json_blame(err),
		json_text("form", RECEIPT_FORM),
		json_text("entry", buf_text(&bytes)),
		json_text("proof", proof),
	});
	if (!json)
		(void)error_context(err, "receipt");
	return json;
}

int receipt_proof_read(
	const json_t *json, const struct policy *policy, struct receipt *ret_receipt, struct error *err)
{
	const char *form, *text, *proof;
	struct ledger_entry entry;
	struct error why;

	if (json_want_string(json, "form", &form, &why) < 0 || json_want_string(json, "entry", &text, &why) < 0 ||
		json_want_string(json, "proof", &proof, &why) < 0)
		return error_set(err, ERROR_REFUSED, "not a receipt: %s", why.text);
	if (strcmp(form, RECEIPT_FORM) != 0)
		return error_set(err, ERROR_REFUSED, "form '%.64s' is not " RECEIPT_FORM, form);
	if (ledger_entry_parse(SPAN(text), &entry, err) < 0)
		return -1;
	return receipt_proof_check(&entry, proof, policy, ret_receipt, err);
}
