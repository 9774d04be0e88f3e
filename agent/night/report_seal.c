#include "agent/night/report_seal.h"

#include "agent/proof/terminal_key.h"
#include "agent/server/connection.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/terminal_certificate.h"

#define SIGNATURE_MAX_BYTES 8192

/* The certificate, and what its key says of the terminal's. */
static json_t *certificate_json(const struct certificate *certificate, const char *terminal, struct error *err)
{
	AUTO(buf) struct buf signature = BUF_INIT(SIGNATURE_MAX_BYTES);
	json_t *json;

	if (terminal_certificate_vouch(&certificate->key_pem, terminal, &signature, err) < 0)
		return NULL;
	json = JSON_OBJECT({
		json_blame(err),
		json_text("chain", buf_text(&certificate->pem)),
		json_text("signature", buf_text(&signature)),
	});
	if (!json)
		(void)error_context(err, "certificate");
	return json;
}

int report_seal(struct terminal *terminal, json_t *report, struct error *err)
{
	AUTO(certificate) struct certificate certificate = {0};
	AUTO(signer) struct signer *signer = NULL;
	struct error none = {0};
	json_t *vouching;

	if (connection_choose_certificate(terminal, &certificate, &none) < 0 || certificate.pem.len == 0)
		return 0;
	if (!(signer = terminal_key_load(terminal, err)) ||
		!(vouching = certificate_json(&certificate, signer_key_id(signer), err)))
		return -1;
	if (json_object_set_new(report, "certificate", vouching) < 0 ||
		json_object_set_new(report, "form", json_string(SIGNED_REPORT_FORM)) < 0)
		return error_set(err, ERROR_FAILED, "no memory for a report");
	return signed_report_sign(report, signer, err);
}
