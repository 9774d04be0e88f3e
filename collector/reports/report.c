#include "collector/reports/report.h"

#include <inttypes.h>
#include <string.h>

#include "collector/reports/report_parts.h"
#include "common/clock.h"
#include "ledger/proof/signed_report.h"
#include "ledger/proof/terminal_certificate.h"
#include "manifests/keys/key.h"

#define FORM_1 "haishin-report-1"
#define HEAD_FORM "haishin-history-head-1"
#define TEXT_MOST 63

/* ---- Reading ---- */

static int read_id(const json_t *object, const char *key, const char **ret_id, struct error *err)
{
	if (json_want_string(object, key, ret_id, err) < 0)
		return -1;
	if (strlen(*ret_id) != SHA256_HEX_SIZE - 1 || strspn(*ret_id, "0123456789abcdef") != SHA256_HEX_SIZE - 1)
		return error_set(err, ERROR_INPUT, "member '%s' is not 64 hexadecimal digits", key);
	return 0;
}

static int read_text(const json_t *object, const char *key, const char **ret_text, struct error *err)
{
	if (json_want_string(object, key, ret_text, err) < 0)
		return -1;
	if (strlen(*ret_text) > TEXT_MOST)
		return error_set(err, ERROR_INPUT, "member '%s' is longer than %d bytes", key, TEXT_MOST);
	return 0;
}

static int read_head(struct report *report, const json_t **ret_history, struct error *err)
{
	if (json_want_object(report->body, "history", ret_history, err) < 0 ||
		json_want_integer(*ret_history, "rows", 0, INT64_MAX, &report->rows, err) < 0 ||
		read_id(*ret_history, "head", &report->head, err) < 0)
		return error_context(err, "history");
	return 0;
}

/* Older agents do not say which machine they are on. */
static int read_machine(struct report *report, struct error *err)
{
	return json_object_get(report->body, "machine") ? read_id(report->body, "machine", &report->machine, err) : 0;
}

/* Nor when they are expected next. */
static int read_next_window(struct report *report, struct error *err)
{
	const json_t *next = json_object_get(report->body, "next_window");

	if (!next || json_is_null(next))
		return 0;
	if (json_want_object(report->body, "next_window", &next, err) < 0)
		return -1;
	return report_moment(next, "opens", &report->opens_s, err) < 0 ||
				report_moment(next, "closes", &report->closes_s, err) < 0
		       ? error_context(err, "next_window")
		       : 0;
}

static int read_members(struct report *report, struct error *err)
{
	const json_t *body = report->body;

	if (read_id(body, "terminal", &report->terminal, err) < 0 ||
		json_want_integer(body, "number", 1, INT64_MAX, &report->number, err) < 0 ||
		report_moment(body, "made", &report->made_s, err) < 0 ||
		read_text(body, "agent", &report->agent, err) < 0 ||
		read_text(body, "environment", &report->environment, err) < 0 ||
		report_word(body, "verdict", &report->verdict, err) < 0 ||
		report_word(body, "reason", &report->reason, err) < 0 ||
		json_want_array(body, "problems", &report->problems, err) < 0 ||
		json_want_array(body, "packages", &report->packages, err) < 0 ||
		json_want_array(body, "deliveries", &report->deliveries, err) < 0 ||
		json_want_array(body, "windows", &report->windows, err) < 0)
		return -1;
	return report_check_lists(report->problems, report->packages, report->deliveries, report->windows, err);
}

/* ---- Signatures ---- */

/* The key must be the one that the terminal is named by. */
static struct key *key_of(const struct report *report, const json_t *history, struct error *err)
{
	const json_t *object = NULL;
	char id[KEY_ID_SIZE];

	if (json_want_object(history, "key", &object, err) < 0 || key_id_of(object, id, err) < 0)
		return NULL;
	if (strcmp(id, report->terminal) != 0) {
		(void)error_set(err, ERROR_REFUSED, "'terminal' is not the id of the key that the report carries");
		return NULL;
	}
	return key_parse(object, err);
}

/* Form 1: the head of the history is signed. A history without a row has no head to sign. */
static int verify_head(const struct report *report, const json_t *history, struct error *err)
{
	AUTO(buf) struct buf statement = BUF_INIT(256);
	AUTO(key) struct key *key = key_of(report, history, err);
	const char *signature = NULL;

	if (!key || json_want_string(history, "signature", &signature, err) < 0 ||
		buf_printf(&statement, err, HEAD_FORM "\n%" PRId64 "\n%s\n", report->rows, report->head) < 0)
		return -1;
	if (!key_verify(key, statement.data, statement.len, signature))
		return error_set(err, ERROR_REFUSED, "the head of the history is not signed by the terminal's key");
	return 0;
}

/* ---- The whole ---- */

static int read_form(struct report *report, struct error *err)
{
	const char *form = NULL;

	if (json_want_string(report->body, "form", &form, err) < 0)
		return -1;
	if (strcmp(form, FORM_1) != 0 && strcmp(form, SIGNED_REPORT_FORM) != 0)
		return error_set(err, ERROR_INPUT, "'%.40s' is no form of report that is known here", form);
	report->form = strcmp(form, FORM_1) == 0 ? 1 : 2;
	return 0;
}

/* Form 2 is signed whole, and carries the client certificate that vouches for the terminal's key. */
static int verify_whole(struct report *report, const void *bytes, size_t len, struct error *err)
{
	AUTO(signed_report) struct signed_report whole = {0};
	const json_t *certificate;

	if (report->form < 2)
		return 0;
	if (signed_report_read((struct span){bytes, len}, &whole, err) < 0 ||
		terminal_certificate_check(whole.chain, whole.chain_signature, report->terminal, err) < 0 ||
		json_want_object(report->body, "certificate", &certificate, err) < 0)
		return -1;
	return json_want_string(certificate, "chain", &report->certificate, err);
}

int report_read(const void *bytes, size_t len, struct report *ret_report, struct error *err)
{
	AUTO(report) struct report report = {.certificate = "", .machine = ""};
	const json_t *history = NULL;

	if (len > REPORT_MOST_BYTES)
		return error_set(err, ERROR_INPUT, "a report has at most %d bytes", REPORT_MOST_BYTES);
	if (!(report.body = json_parse(bytes, len, err)) || read_form(&report, err) < 0 ||
		read_members(&report, err) < 0 || read_machine(&report, err) < 0 ||
		read_next_window(&report, err) < 0 || read_head(&report, &history, err) < 0 ||
		verify_head(&report, history, err) < 0 || verify_whole(&report, bytes, len, err) < 0)
		return -1;
	sha256_of(bytes, len, &report.digest);
	*ret_report = report;
	report.body = NULL;
	return 0;
}

void report_clear(struct report *report)
{
	json_decref(report->body);
	*report = (struct report){0};
}
