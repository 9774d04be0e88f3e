#include "agent/night/report_send.h"

#include <inttypes.h>
#include <string.h>

#include "agent/night/report_proof.h"
#include "agent/night/report_seal.h"
#include "agent/proof/anchor.h"
#include "agent/server/last_contact.h"
#include "agent/status/report_json.h"
#include "agent/store/history.h"
#include "agent/store/sent_report.h"
#include "common/clock.h"
#include "common/text.h"

#define REPORT_MAX_BYTES 65536
/* A proof with sixteen witnesses, as JSON. */
#define ANSWER_MAX_BYTES 262144

/* ---- Making ---- */

/* One that still waits is made anew, under its number: it then tells what happened since, too. */
static int begin(struct store *store, int64_t now_s, struct sent_report *ret_row, struct report_span *ret_span,
	struct error *err)
{
	struct sent_report taken;
	struct history_chain head;
	bool found, is_taken;

	if (sent_report_newest(store, ret_row, &found, err) < 0 ||
		sent_report_taken(store, &taken, &is_taken, err) < 0 || history_head(store, &head, err) < 0)
		return -1;
	if (!found || ret_row->sent_s) {
		ret_row->number++;
		ret_row->attempts = 0;
		ret_row->sent_s = 0;
	}
	ret_row->attempts++;
	ret_row->made_s = now_s;
	ret_row->last_row = head.number;
	text_assign(ret_row->last_digest, head.digest);
	*ret_span = (struct report_span){
		.number = ret_row->number,
		.made_s = ret_row->made_s,
		.windows_from_s = is_taken ? taken.windows_until_s : 0,
		.deliveries_from_s = is_taken ? taken.deliveries_until_s : 0,
	};
	return 0;
}

static int make(struct terminal *terminal, struct sent_report *ret_row, struct buf *ret_text, struct error *err)
{
	const struct clock *clock = terminal->env->clock;
	AUTO(json) json_t *json = NULL;
	struct report_span span;

	if (anchor_set(terminal, err) < 0 || begin(terminal->store, clock->now_s(clock), ret_row, &span, err) < 0 ||
		!(json = report_json(terminal, &span, err)) || report_seal(terminal, json, err) < 0)
		return -1;
	ret_row->windows_until_s = span.windows_until_s;
	ret_row->deliveries_until_s = span.deliveries_until_s;
	return json_write(json, ret_text, err);
}

/* ---- Sending ---- */

static int take_answer(void *context, const void *data, size_t len, struct error *err)
{
	return buf_append(context, data, len, err);
}

/* What is no moment means that there is none. */
static void take_twin(struct terminal *terminal, const json_t *answer)
{
	const char *text = json_string_value(json_object_get(answer, "twin"));
	struct error err = {0};
	int64_t twin_s = 0;

	if (text && clock_parse(text, &twin_s, &err) < 0)
		twin_s = 0;
	if (last_contact_note_twin(terminal->store, twin_s, &err) < 0)
		log_line(terminal->env->log, LOG_LEVEL_WARNING, "that there are two of this terminal cannot be noted: %s",
			err.text);
	else if (twin_s)
		log_line(terminal->env->log, LOG_LEVEL_WARNING,
			"another machine reports with this terminal's key (seen at %s): one is a copy of the other, and "
			"needs an identity of its own",
			text);
}

static int post(struct terminal *terminal, struct transport *transport, const struct buf *text,
	struct sent_report *row, struct error *err)
{
	struct transport_request request = {
		.url = terminal->config->report_url,
		.limit = ANSWER_MAX_BYTES,
		.time_limit_s = TRANSPORT_SMALL_S + (int64_t)(text->len / TRANSPORT_SMALL_BYTES_PER_S),
		.body = text->data,
		.body_len = text->len,
	};
	AUTO(buf) struct buf answer = BUF_INIT(ANSWER_MAX_BYTES);
	AUTO(json) json_t *json = NULL;
	struct transport_reply reply;
	const char *receipt;

	if (transport->ask(transport, &request, take_answer, &answer, &reply, err) < 0)
		return -1;
	json = json_parse(answer.data, answer.len, NULL);
	receipt = json_string_value(json_object_get(json, "receipt"));
	(void)snprintf(
		row->detail, sizeof(row->detail), "%s%.80s", receipt ? "receipt " : "", receipt ? receipt : "");
	take_twin(terminal, json);
	report_proof_take(terminal, text, json);
	return 0;
}

static int make_and_send(struct terminal *terminal, struct transport *transport, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(REPORT_MAX_BYTES);
	struct sent_report row;
	struct error why = {0};

	if (make(terminal, &row, &text, err) < 0)
		return -1;
	if (post(terminal, transport, &text, &row, &why) == 0)
		row.sent_s = row.made_s;
	else
		record_text(why.text, row.detail, sizeof(row.detail));
	(void)snprintf(row.error, sizeof(row.error), "%s", error_code_name(why.code));
	if (sent_report_put(terminal->store, &row, err) < 0)
		return -1;
	return why.code ? error_set(err, why.code, "%s; it is sent at the next contact", why.text) : 0;
}

bool report_send(struct terminal *terminal, struct transport *transport)
{
	struct error err = {0};

	if (!*terminal->config->report_url)
		return true;
	report_proof_ask(terminal, transport);
	if (make_and_send(terminal, transport, &err) == 0)
		return true;
	log_line(terminal->env->log, LOG_LEVEL_WARNING, "the report was not sent: %s", err.text);
	return false;
}
