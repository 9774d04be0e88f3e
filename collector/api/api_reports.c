#include "collector/api/api_reports.h"

#include <stdlib.h>

#include "collector/api/page.h"
#include "collector/reports/telling.h"

/* A report on its way: into the store, then into the ledger. */
struct errand {
	struct api *api;
	struct exchange *exchange;
	struct submission submission;
	struct scribe_wait wait;
};

static void errand_free(struct errand *errand)
{
	if (!errand)
		return;
	submission_clear(&errand->submission);
	free(errand);
}
DEFINE_AUTO_PTR(errand, struct errand, errand_free);

/* What the ledger has to say: the proof; or null, and why. */
static void add_proof(json_t *answer, const struct scribe_answer *said)
{
	(void)json_object_set_new(answer, "proof", said->proof ? json_string(buf_text(said->proof)) : json_null());
	if (!said->proof)
		(void)json_object_set_new(answer, "pending", json_string(said->pending));
	if (said->growth->len > 0)
		(void)json_object_set_new(answer, "consistency", json_string(buf_text(said->growth)));
}

/* The answer to a report that is durable. SAID is NULL where there is no ledger. */
static void answer_kept(const struct errand *errand, const struct scribe_answer *said)
{
	char digest[SHA256_HEX_SIZE], at[CLOCK_TEXT_SIZE];
	AUTO(json) json_t *answer = json_object();

	(void)sha256_hex(&errand->submission.report.digest, digest);
	(void)json_object_set_new(answer, "receipt", json_string(digest));
	(void)json_object_set_new(answer, "at", json_string(clock_text(errand->submission.received_s, at)));
	if (errand->submission.twin_s)
		(void)json_object_set_new(answer, "twin", page_moment(errand->submission.twin_s));
	if (said)
		add_proof(answer, said);
	exchange_answer_json(errand->exchange, 200, answer);
}

static void end_errand(struct errand *errand)
{
	struct exchange *exchange = errand->exchange;

	errand_free(errand);
	exchange_done(exchange);
}

/* Called by the scribe's thread. */
static void on_proof(struct scribe_wait *wait, const struct scribe_answer *said)
{
	struct errand *errand = wait->context;

	answer_kept(errand, said);
	end_errand(errand);
}

/* How far the terminal has seen this ledger; 0: not at all, or it does not say. */
static uint64_t ledger_seen(const struct report *report)
{
	json_int_t size = json_integer_value(json_object_get(json_object_get(report->body, "ledger"), "size"));

	return size > 0 ? (uint64_t)size : 0;
}

/* Called by the intake's thread. */
static void on_kept(struct submission *submission)
{
	struct errand *errand = submission->context;

	if (submission->error.code) {
		exchange_answer_error(errand->exchange, 0, &submission->error);
	} else if (errand->api->scribe) {
		errand->wait = (struct scribe_wait){
			.digest = submission->report.digest,
			.since = ledger_seen(&submission->report),
			.is_patient = true,
			.done = on_proof,
			.context = errand,
		};
		scribe_ask(errand->api->scribe, &errand->wait);
		return;
	} else {
		answer_kept(errand, NULL);
	}
	end_errand(errand);
}

static bool has_quota(struct api *api, struct exchange *exchange)
{
	int64_t wait_ms = quota_take(api->quota, exchange->client->fingerprint, api->clock->monotonic_ms(api->clock));

	if (wait_ms == 0)
		return true;
	intake_limited(api->intake, exchange->client->subject);
	exchange->retry_after_s = wait_ms / 1000 + 1;
	exchange_answer_text(exchange, 429, "This certificate has sent as many reports as it may; come again later.");
	return false;
}

static int read_certificate(const struct exchange *exchange, struct buf *ret_plain, struct error *err)
{
	AUTO(buf) struct buf der = BUF_INIT(CLIENT_DER_MOST);

	*ret_plain = (struct buf)BUF_INIT(CLIENT_PLAIN_MOST);
	return exchange_certificate(exchange, &der, err) < 0 ? -1 : client_write_plain(der.data, der.len, ret_plain, err);
}

/* Reads and verifies; nothing of it waits for anybody. NULL, with the exchange answered, where it is no report. */
static struct errand *read_errand(struct api *api, struct exchange *exchange)
{
	AUTO(errand) struct errand *errand = calloc(1, sizeof(*errand));
	struct error err = {0};
	struct report *report;

	if (!errand) {
		exchange_answer_text(exchange, 503, "No memory for a report.");
		return NULL;
	}
	errand->api = api;
	errand->exchange = exchange;
	report = &errand->submission.report;
	if (report_read(buf_text(&exchange->body), exchange->body.len, report, &err) < 0 ||
		telling_check(report, &err) < 0 ||
		(*report->certificate && client_check_chain(exchange->client, report->certificate, &err) < 0) ||
		read_certificate(exchange, &errand->submission.certificate, &err) < 0) {
		intake_refused(api->intake);
		exchange_answer_error(exchange, 0, &err);
		return NULL;
	}
	errand->submission.client = *exchange->client;
	errand->submission.body = exchange->body.data;
	errand->submission.size = exchange->body.len;
	errand->submission.received_s = api->clock->now_s(api->clock);
	errand->submission.done = on_kept;
	errand->submission.context = errand;
	return take_ptr(&errand);
}

void api_reports_take(struct api *api, struct exchange *exchange)
{
	struct errand *errand;
	struct error err = {0};

	if (!has_quota(api, exchange))
		return;
	if (exchange->is_too_large) {
		intake_refused(api->intake);
		exchange_answer_text(exchange, 413, "A report has at most %d bytes.", REPORT_MOST_BYTES);
		return;
	}
	if (!(errand = read_errand(api, exchange)))
		return;
	exchange_take_along(exchange);
	if (intake_submit(api->intake, &errand->submission, &err) == 0)
		return;
	exchange_answer_error(exchange, 0, &err);
	end_errand(errand);
}
