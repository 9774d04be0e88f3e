#include "collector/api/api_rollouts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "collector/api/page.h"
#include "collector/rollout/brake_statement.h"
#include "collector/rollout/rollout_watch.h"
#include "collector/rollout/trials.h"
#include "collector/store/night.h"
#include "common/hex.h"

#define STATEMENT_MOST (256u << 10)

/* ---- Told ---- */

/* Rows first: their trials are another statement's. */
struct telling {
	struct database *database;
	json_t *rollouts;
	struct rollout_row *rows;
	size_t count;
};

static int take_row(void *context, const struct rollout_row *row, struct error *err)
{
	struct telling *telling = context;

	(void)err;
	if (telling->count < ROLLOUTS_MOST)
		telling->rows[telling->count++] = *row;
	return 0;
}

static int take_event(void *context, const struct rollout_event *event, struct error *err)
{
	return json_array_append_new(context, JSON_OBJECT({
						      json_blame(err),
						      json_take("at", page_moment(event->at_s)),
						      json_text("what", event->what),
						      json_number("stage", event->stage),
						      json_text("by", event->by),
						      json_text("why", event->why),
					      }));
}

static json_t *nights_of(const struct trials *trials)
{
	json_t *nights = json_array();

	for (size_t i = 0; i < trials->count; i++) {
		const struct judgement_cohort *cohort = &trials->cohorts[i];
		char night[NIGHT_DATE_TEXT_SIZE];

		(void)json_array_append_new(nights, JSON_OBJECT({
							     json_text("night", night_text(trials->nights[i], night)),
							     json_number("taken", trials->taken[i]),
							     json_number("ended", trials->ended[i]),
							     json_number("rolled_back", trials->rolled_back[i]),
							     json_number("silent", cohort->silent),
							     json_number("others", cohort->others),
							     json_number("others_silent", cohort->others_silent),
						     }));
	}
	return nights;
}

static json_t *parsed(const char *text)
{
	struct error none = {0};
	json_t *value = *text ? json_parse(text, strlen(text), &none) : NULL;

	return value ? value : json_null();
}

static json_t *stop_of(const struct rollout_row *row)
{
	return row->stopped_s ? JSON_OBJECT({
					json_take("at", page_moment(row->stopped_s)),
					json_text("by", row->stopped_by),
					json_text("why", row->why),
				})
			      : json_null();
}

static int add_row(struct telling *telling, const struct rollout_row *row, struct error *err)
{
	AUTO(json) json_t *events = json_array();
	struct trials trials;

	if (trials_count(telling->database, row->id, &trials, err) < 0 ||
		rollout_event_each(telling->database, row->id, take_event, events, err) < 0)
		return -1;
	return json_array_append_new(telling->rollouts, JSON_OBJECT({
								json_blame(err),
								json_text("package", row->package),
								json_text("version", row->version),
								json_text("digest", row->digest),
								json_number("attempt", row->attempt),
								json_take("began", page_moment(row->began_s)),
								json_flag("is_over", row->is_over),
								json_number("stages_open", row->stages_open),
								json_take("plan", parsed(row->plan)),
								json_text("verdict", row->verdict),
								json_take("judged", page_moment(row->judged_s)),
								json_take("judgement", parsed(row->judgement)),
								json_take("stopped", stop_of(row)),
								json_take("nights", nights_of(&trials)),
								json_share("events", events),
							}));
}

json_t *api_rollouts_tell(struct database *database, struct error *err)
{
	AUTO(free) struct rollout_row *rows = calloc(ROLLOUTS_MOST, sizeof(*rows));
	AUTO(json) json_t *rollouts = json_array();
	AUTO(buf) struct buf text = BUF_INIT(STATEMENT_MOST);
	struct telling telling = {.database = database, .rollouts = rollouts, .rows = rows};
	struct error none = {0};
	int64_t issued_s = 0;

	if (!rows) {
		(void)error_set(err, ERROR_FAILED, "no memory for rollouts");
		return NULL;
	}
	if (rollout_row_each(database, take_row, &telling, err) < 0)
		return NULL;
	for (size_t i = 0; i < telling.count; i++)
		if (add_row(&telling, &rows[i], err) < 0)
			return NULL;
	if (brake_statement_read(database, &text, &issued_s, &none) < 0 && none.code != ERROR_NOT_FOUND) {
		*err = none;
		return NULL;
	}
	return JSON_OBJECT({
		json_blame(err),
		json_take("brake_issued", page_moment(issued_s)),
		json_share("rollouts", rollouts),
	});
}

void api_rollouts_list(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(json) json_t *answer = NULL;
	struct error err = {0};

	(void)api;
	if (!(answer = api_rollouts_tell(database, &err)))
		exchange_answer_error(exchange, 0, &err);
	else
		page_answer_object(exchange, NULL, answer);
}

void api_rollouts_brake(struct api *api, struct database *database, struct exchange *exchange)
{
	AUTO(buf) struct buf text = BUF_INIT(STATEMENT_MOST);
	struct error err = {0};

	(void)api;
	if (brake_statement_read(database, &text, NULL, &err) < 0)
		exchange_answer_error(exchange, 0, &err);
	else
		exchange_answer_bytes(exchange, "application/json", &text);
}

/* ---- The button ---- */

void api_rollouts_token(const struct api *api, const struct client *client, const char *package, const char *version,
	char ret_token[static API_ROLLOUTS_TOKEN_SIZE])
{
	unsigned char mac[EVP_MAX_MD_SIZE] = {0};
	unsigned int len = sizeof(mac);
	char text[1024];
	int text_len = snprintf(text, sizeof(text), "brake\n%s\n%s\n%.700s", package, version, client->subject);

	(void)HMAC(EVP_sha256(), api->secret, (int)strlen(api->secret), (const unsigned char *)text,
		text_len < (int)sizeof(text) ? (size_t)text_len : sizeof(text) - 1, mac, &len);
	hex_encode(mac, (API_ROLLOUTS_TOKEN_SIZE - 1) / 2, ret_token);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One field of a form as browsers send it. ERROR_INPUT where it is missing, too long, or not written so. */
static int read_field(const struct buf *body, const char *name, char *ret_value, size_t size, struct error *err)
{
	size_t name_len = strlen(name), used = 0;
	const char *at = buf_text(body), *end = at + body->len;

	while (at < end && !((size_t)(end - at) > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=')) {
		at = memchr(at, '&', (size_t)(end - at));
		at = at ? at + 1 : end;
	}
	if (at == end)
		return error_set(err, ERROR_INPUT, "the form has no field '%s'", name);
	for (at += name_len + 1; at < end && *at != '&'; at++) {
		char c = *at == '+' ? ' ' : *at;

		if (*at == '%') {
			if (end - at < 3 || hex_digit(at[1]) < 0 || hex_digit(at[2]) < 0)
				return error_set(err, ERROR_INPUT, "field '%s' is not written as forms are", name);
			c = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
			at += 2;
		}
		if (!c || used + 1 >= size)
			return error_set(err, ERROR_INPUT, "field '%s' is longer than %zu bytes", name, size - 1);
		ret_value[used++] = c;
	}
	ret_value[used] = '\0';
	return 0;
}

int api_rollouts_stop(struct api *api, struct database *database, const struct exchange *exchange,
	struct api_rollouts_order *ret_order, bool *ret_stopped, struct error *err)
{
	struct api_rollouts_order *order = ret_order;
	char token[API_ROLLOUTS_TOKEN_SIZE], by[ROLLOUT_WHY_SIZE];

	*order = (struct api_rollouts_order){0};
	if (read_field(&exchange->body, "package", order->package, sizeof(order->package), err) < 0 ||
		read_field(&exchange->body, "version", order->version, sizeof(order->version), err) < 0 ||
		read_field(&exchange->body, "why", order->why, sizeof(order->why), err) < 0 ||
		read_field(&exchange->body, "token", order->token, sizeof(order->token), err) < 0)
		return -1;
	api_rollouts_token(api, exchange->client, order->package, order->version, token);
	if (strlen(order->token) != sizeof(token) - 1 || CRYPTO_memcmp(order->token, token, sizeof(token)) != 0)
		return error_set(err, ERROR_DENIED,
			"this form is not one of this page for you: open the rollout on the page and press there");
	(void)snprintf(by, sizeof(by), "%.*s", (int)sizeof(by) - 1, exchange->client->subject);
	return rollout_watch_stop(database, order->package, order->version, by, order->why,
		api->clock->now_s(api->clock), ret_stopped, err);
}
