#include "collector/api/api_reports.h"

#include <stdlib.h>

/* The answer to a report that is durable: what haishin-server says, too. */
static void answer_kept(struct exchange *exchange, const struct submission *submission)
{
	char digest[SHA256_HEX_SIZE], at[CLOCK_TEXT_SIZE];
	AUTO(json) json_t *answer = json_object();

	(void)json_object_set_new(answer, "receipt", json_string(sha256_hex(&submission->report.digest, digest)));
	(void)json_object_set_new(answer, "at", json_string(clock_text(submission->received_s, at)));
	exchange_answer_json(exchange, 200, answer);
}

static void submission_free(struct submission *submission)
{
	if (!submission)
		return;
	submission_clear(submission);
	free(submission);
}
DEFINE_AUTO_PTR(submission, struct submission, submission_free);

/* Called by the intake's thread. */
static void on_done(struct submission *submission)
{
	struct exchange *exchange = submission->context;

	if (submission->error.code)
		exchange_answer_error(exchange, 0, &submission->error);
	else
		answer_kept(exchange, submission);
	submission_free(submission);
	exchange_done(exchange);
}

/* Reads and verifies; nothing of it waits for anybody. */
static int prepare(struct api *api, struct exchange *exchange, struct submission *submission, struct error *err)
{
	if (report_read(buf_text(&exchange->body), exchange->body.len, &submission->report, err) < 0)
		return -1;
	submission->client = *exchange->client;
	submission->body = exchange->body.data;
	submission->size = exchange->body.len;
	submission->received_s = api->clock->now_s(api->clock);
	submission->done = on_done;
	submission->context = exchange;
	return 0;
}

static bool has_quota(struct api *api, struct exchange *exchange)
{
	int64_t wait_ms = quota_take(api->quota, exchange->client->fingerprint, api->clock->monotonic_ms(api->clock));

	if (wait_ms == 0)
		return true;
	exchange->retry_after_s = wait_ms / 1000 + 1;
	exchange_answer_text(exchange, 429, "This certificate has sent as many reports as it may; come again later.");
	return false;
}

void api_reports_take(struct api *api, struct exchange *exchange)
{
	AUTO(submission) struct submission *submission = calloc(1, sizeof(*submission));
	struct error err = {0};

	if (!has_quota(api, exchange))
		return;
	if (exchange->is_too_large) {
		intake_refused(api->intake);
		exchange_answer_text(exchange, 413, "A report has at most %d bytes.", REPORT_MOST_BYTES);
		return;
	}
	if (!submission) {
		exchange_answer_text(exchange, 503, "No memory for a report.");
		return;
	}
	if (prepare(api, exchange, submission, &err) < 0) {
		intake_refused(api->intake);
		exchange_answer_error(exchange, 0, &err);
		return;
	}
	exchange_take_along(exchange);
	if (intake_submit(api->intake, submission, &err) == 0) {
		(void)take_ptr(&submission);
		return;
	}
	exchange_answer_error(exchange, 0, &err);
	exchange_done(exchange);
}
