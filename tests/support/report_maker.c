#include "tests/support/report_maker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/digest.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/terminal_certificate.h"

static void need(int true_value, const char *what)
{
	if (true_value)
		return;
	(void)fprintf(stderr, "test report: cannot make %s\n", what);
	abort();
}

static json_t *moment(int64_t time_s)
{
	char text[CLOCK_TEXT_SIZE];

	return time_s ? json_string(clock_text(time_s, text)) : json_null();
}

static void digest_of(const char *what, int64_t a, int64_t b, char ret_hex[static SHA256_HEX_SIZE])
{
	struct sha256 digest;
	char text[128];
	int len = snprintf(text, sizeof(text), "%s %" PRId64 " %" PRId64, what, a, b);

	sha256_of(text, (size_t)len, &digest);
	(void)sha256_hex(&digest, ret_hex);
}

void report_maker_init(struct report_maker *maker, int64_t now_s)
{
	*maker = (struct report_maker){
		.number = 1,
		.rows = 10,
		.made_s = now_s,
		.agent = "0.1.0",
		.environment = "production",
		.verdict = "up-to-date",
		.reason = "all-current",
		.problems = json_array(),
		.packages = json_array(),
		.deliveries = json_array(),
		.windows = json_array(),
	};
	need((maker->signer = signer_generate(KEY_ED25519, NULL)) != NULL, "a key");
	report_maker_set_package(maker, "distro-app", "2.0.0", "current");
	report_maker_set_package(maker, "face-library", "5.1.0", "current");
	report_maker_set_package(maker, "reader-app/acme", "1.4.0", "current");
}

void report_maker_clear(struct report_maker *maker)
{
	json_decref(maker->problems);
	json_decref(maker->packages);
	json_decref(maker->deliveries);
	json_decref(maker->windows);
	signer_free(maker->signer);
	*maker = (struct report_maker){0};
}

void report_maker_add_problem(struct report_maker *maker, const char *reason, const char *package)
{
	need(json_array_append_new(maker->problems, json_pack("{s:s, s:s*}", "reason", reason, "package", package)) ==
			0,
		"a problem");
}

void report_maker_set_package(struct report_maker *maker, const char *name, const char *version, const char *state)
{
	json_t *package = json_pack(
		"{s:s, s:s, s:s, s:s}", "name", name, "version", version, "state", state, "newest", version);

	for (size_t i = 0; i < json_array_size(maker->packages); i++)
		if (strcmp(json_string_value(json_object_get(json_array_get(maker->packages, i), "name")), name) ==
			0) {
			need(json_array_set_new(maker->packages, i, package) == 0, "a package");
			return;
		}
	need(json_array_append_new(maker->packages, package) == 0, "a package");
}

void report_maker_add_delivery(struct report_maker *maker, const char *package, const char *version,
	const char *state, int64_t planned_s, int64_t changed_s)
{
	char digest[SHA256_HEX_SIZE], what[128];

	(void)snprintf(what, sizeof(what), "%s %s", package, version);
	digest_of(what, 0, 0, digest);
	need(json_array_append_new(maker->deliveries,
		     json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:i, s:s}", "package", package, "version",
			     version, "digest", digest, "state", state, "campaign", 0, "planned", moment(planned_s),
			     "changed", moment(changed_s), "attempts", 1, "error",
			     strcmp(state, "rolled-back") == 0 ? "failed" : "none")) == 0,
		"a delivery");
}

void report_maker_add_window(struct report_maker *maker, int64_t opens_s, const char *outcome)
{
	bool made = strcmp(outcome, "contacted") == 0;
	char date[CLOCK_TEXT_SIZE];

	(void)clock_text(opens_s + 9 * 3600, date);
	date[10] = '\0';
	need(json_array_append_new(maker->windows,
		     json_pack("{s:s, s:o, s:o, s:s, s:o, s:i, s:i}", "date", date, "opens", moment(opens_s),
			     "closes", moment(opens_s + 9 * 3600), "outcome", outcome, "contact",
			     moment(made ? opens_s + 3600 : 0), "attempts", made, "on_s", 9 * 3600)) == 0,
		"a window");
}

static json_t *history_of(const struct report_maker *maker)
{
	AUTO(buf) struct buf statement = BUF_INIT(256);
	AUTO(buf) struct buf signature = BUF_INIT(256);
	char head[SHA256_HEX_SIZE];

	digest_of(signer_key_id(maker->signer), maker->rows, maker->seed, head);
	need(buf_printf(&statement, NULL, "haishin-history-head-1\n%" PRId64 "\n%s\n", maker->rows, head) == 0 &&
			signer_sign(maker->signer, statement.data, statement.len, &signature, NULL) == 0,
		"a signature");
	return json_pack("{s:I, s:s, s:s, s:o}", "rows", (json_int_t)maker->rows, "head", head, "signature",
		buf_text(&signature), "key", signer_public_key(maker->signer, NULL));
}

static json_t *next_window_of(const struct report_maker *maker)
{
	if (!maker->opens_s)
		return NULL;
	return json_pack("{s:o, s:o}", "opens", moment(maker->opens_s), "closes", moment(maker->closes_s));
}

void report_maker_make(struct report_maker *maker, struct buf *ret_report)
{
	AUTO(json)
	json_t *report = json_pack("{s:s, s:s, s:I, s:o, s:s, s:s, s:s, s:s, s:O, s:O, s:O, s:[], s:O, s:o, s:o*, s:s*}",
		"form",
		"haishin-report-1", "terminal", signer_key_id(maker->signer), "number", (json_int_t)maker->number,
		"made", moment(maker->made_s), "agent", maker->agent, "environment", maker->environment, "verdict",
		maker->verdict, "reason", maker->reason, "problems", maker->problems, "packages", maker->packages,
		"deliveries", maker->deliveries, "quarantine", "windows", maker->windows, "history",
		history_of(maker), "next_window", next_window_of(maker), "machine", maker->machine);

	buf_empty(ret_report);
	need(report && json_write(report, ret_report, NULL) == 0, "a report");
	maker->number++;
	maker->rows += 5;
}

void report_maker_make_whole(struct report_maker *maker, const struct pki_pair *signing, const struct pki_pair *shown,
	struct buf *ret_report)
{
	struct buf key = {.data = signing->key_pem, .len = strlen(signing->key_pem)};
	AUTO(buf) struct buf vouch = BUF_INIT(8192);
	AUTO(json) json_t *report = NULL;

	report_maker_make(maker, ret_report);
	report = json_parse(ret_report->data, ret_report->len, NULL);
	need(report && terminal_certificate_vouch(&key, signer_key_id(maker->signer), &vouch, NULL) == 0,
		"a voucher");
	need(json_object_set_new(report, "form", json_string(SIGNED_REPORT_FORM)) == 0 &&
			json_object_set_new(report, "certificate",
				json_pack("{s:s, s:s}", "chain", shown->pem, "signature", buf_text(&vouch))) == 0 &&
			signed_report_sign(report, maker->signer, NULL) == 0,
		"a report of form 2");
	buf_empty(ret_report);
	need(json_write(report, ret_report, NULL) == 0, "a report of form 2");
}
