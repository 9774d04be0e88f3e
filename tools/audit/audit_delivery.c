#include "tools/audit/audit_delivery.h"

#include <string.h>

#include "common/clock.h"
#include "common/command_line/language.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/tlog_proof.h"
#include "tools/audit/audit_policy.h"

#define CLOCKS_MAY_DIFFER_S 86400 /* of terminals and witnesses */

/* The parts of the file, borrowed from its JSON. */
struct parts {
	const json_t *metadata;
	const char *report, *proof, *package, *version;
};

static int read_parts(const json_t *json, struct parts *ret_parts, struct error *err)
{
	const char *form;

	if (json_want_string(json, "form", &form, err) < 0)
		return -1;
	if (strcmp(form, DELIVERY_CERTIFICATE_FORM) != 0)
		return error_set(err, ERROR_INPUT, "form '%.64s' is not " DELIVERY_CERTIFICATE_FORM, form);
	if (json_want_string(json, "package", &ret_parts->package, err) < 0 ||
		json_want_string(json, "version", &ret_parts->version, err) < 0 ||
		json_want_string(json, "report", &ret_parts->report, err) < 0 ||
		json_want_string(json, "proof", &ret_parts->proof, err) < 0 ||
		json_want_object(json, "metadata", &ret_parts->metadata, err) < 0)
		return -1;
	if (package_check_name(ret_parts->package, err) < 0)
		return error_context(err, "package");
	return version_check(ret_parts->version, err) < 0 ? error_context(err, "version") : 0;
}

/* ---- The report, and what it says ---- */

/* The delivery that the certificate is about; NULL where the report does not tell of it as confirmed. */
static const json_t *find_confirmed(const json_t *report, const struct parts *parts)
{
	const json_t *delivery;
	size_t i;

	json_array_foreach (json_object_get(report, "deliveries"), i, delivery) {
		const char *package = json_string_value(json_object_get(delivery, "package"));
		const char *version = json_string_value(json_object_get(delivery, "version"));
		const char *state = json_string_value(json_object_get(delivery, "state"));

		if (package && version && state && strcmp(package, parts->package) == 0 &&
			strcmp(version, parts->version) == 0 && strcmp(state, "confirmed") == 0)
			return delivery;
	}
	return NULL;
}

static void check_confirmed(const struct signed_report *report, const struct parts *parts,
	struct audit_delivery *delivery, struct findings *findings)
{
	const json_t *confirmed = find_confirmed(report->json, parts);
	const char *digest, *changed;
	struct error why = {0};
	struct sha256 parsed;

	if (!confirmed) {
		findings_add(findings, FINDING_DELIVERY, -1, "%s %s", parts->package, parts->version);
		return;
	}
	if (json_want_string(confirmed, "digest", &digest, &why) < 0 || sha256_parse(digest, &parsed, &why) < 0 ||
		json_want_string(confirmed, "changed", &changed, &why) < 0 ||
		clock_parse(changed, &delivery->confirmed_s, &why) < 0)
		findings_add_error(findings, FINDING_DELIVERY, -1, "", &why);
	else
		(void)sha256_hex(&parsed, delivery->digest);
}

/* ---- The other parts ---- */

static void check_certificate(const struct signed_report *report, const struct audit_trust *trust,
	struct audit_delivery *delivery, struct findings *findings)
{
	struct error why;

	if (terminal_certificate_check(report->chain, report->chain_signature, report->entry.terminal, &why) < 0 ||
		terminal_certificate_trust(report->chain, trust->ca, report->made_s, delivery->institution, &why) < 0)
		findings_add_error(findings, FINDING_CERTIFICATE, -1, "", &why);
}

static void check_proof(const struct signed_report *report, const struct parts *parts,
	const struct audit_trust *trust, struct audit_delivery *delivery, struct findings *findings)
{
	AUTO(buf) struct buf entry = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	struct tlog_proof proof;
	struct error why;

	if (ledger_entry_write(&report->entry, &entry, &why) < 0 ||
		tlog_proof_parse(SPAN(parts->proof), &proof, &why) < 0)
		findings_add_error(findings, FINDING_PROOF, -1, "", &why);
	else if (tlog_proof_check(
			 &proof, (struct span){entry.data, entry.len}, trust->policy, &delivery->verdict, &why) < 0)
		audit_policy_blame(trust->policy, proof.checkpoint, FINDING_PROOF, &why, findings);
	else
		delivery->entry = proof.index;
}

static void check_release(const struct signed_report *report, const struct parts *parts,
	const struct audit_trust *trust, struct audit_delivery *delivery, struct findings *findings)
{
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;
	struct error why = {0};

	if (audit_release_find(parts->metadata, trust->root, report->made_s, parts->package, parts->version, &digest,
		    delivery->role, &why) < 0)
		findings_add_error(findings, FINDING_RELEASE, -1, "", &why);
	else if (*delivery->digest && strcmp(sha256_hex(&digest, hex), delivery->digest) != 0)
		findings_add(findings, FINDING_RELEASE, -1, _("the terminal ran %.16s, the role %s signed %.16s"),
			delivery->digest, delivery->role, hex);
}

/* A delivery is confirmed, then reported, then logged. */
static void check_times(const struct signed_report *report, const struct audit_trust *trust,
	const struct audit_delivery *delivery, struct findings *findings)
{
	char first[CLOCK_TEXT_SIZE], second[CLOCK_TEXT_SIZE];

	if (delivery->confirmed_s - CLOCKS_MAY_DIFFER_S > report->made_s)
		findings_add(findings, FINDING_TIMES, -1, _("confirmed at %s, in a report of %s"),
			clock_text(delivery->confirmed_s, first), clock_text(report->made_s, second));
	if (trust->policy->quorum >= 0 && delivery->verdict.satisfied &&
		report->made_s - CLOCKS_MAY_DIFFER_S > delivery->verdict.quorum_s)
		findings_add(findings, FINDING_TIMES, -1, _("a report of %s, logged before %s"),
			clock_text(report->made_s, first), clock_text(delivery->verdict.quorum_s, second));
}

int audit_delivery_check(struct span file, const struct audit_trust *trust, struct audit_delivery *ret_delivery,
	struct findings *findings, struct error *err)
{
	AUTO(json) json_t *json = json_parse(file.at, file.len, err);
	AUTO(signed_report) struct signed_report report = {0};
	struct parts parts;
	struct error why;

	*ret_delivery = (struct audit_delivery){0};
	if (!json || read_parts(json, &parts, err) < 0)
		return error_context(err, "not a delivery certificate");
	(void)snprintf(ret_delivery->package, sizeof(ret_delivery->package), "%s", parts.package);
	(void)snprintf(ret_delivery->version, sizeof(ret_delivery->version), "%s", parts.version);
	if (signed_report_read(SPAN(parts.report), &report, &why) < 0) {
		findings_add_error(findings, FINDING_SEAL, -1, "", &why);
		return 0;
	}
	memcpy(ret_delivery->terminal, report.entry.terminal, sizeof(ret_delivery->terminal));
	check_confirmed(&report, &parts, ret_delivery, findings);
	check_certificate(&report, trust, ret_delivery, findings);
	check_proof(&report, &parts, trust, ret_delivery, findings);
	check_release(&report, &parts, trust, ret_delivery, findings);
	check_times(&report, trust, ret_delivery, findings);
	return 0;
}
