#include "collector/http/exchange.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <microhttpd.h>

#define TEXT_MOST 1024

const char *exchange_header(const struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

const char *exchange_argument(const struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *exchange_cookie(const struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection, MHD_COOKIE_KIND, name);
}

struct visit {
	bool (*each)(void *context, const char *name, const char *value);
	void *context;
};

static enum MHD_Result visit_argument(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct visit *visit = context;

	(void)kind;
	return visit->each(visit->context, name, value ? value : "") ? MHD_YES : MHD_NO;
}

void exchange_each_argument(const struct exchange *exchange,
	bool (*each)(void *context, const char *name, const char *value), void *context)
{
	struct visit visit = {each, context};

	(void)MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, visit_argument, &visit);
}

/* ---- Answers ---- */

static void begin_answer(struct exchange *exchange, unsigned int status, const char *content_type)
{
	exchange->status = status;
	exchange->content_type = content_type;
	buf_empty(&exchange->answer);
}

void exchange_answer_text(struct exchange *exchange, unsigned int status, const char *fmt, ...)
{
	char text[TEXT_MOST];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	begin_answer(exchange, status, "text/plain; charset=utf-8");
	if (buf_printf(&exchange->answer, NULL, "%s\n", text) < 0)
		exchange->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
}

static unsigned int status_of(enum error_code code)
{
	switch (code) {
	case ERROR_USAGE:
	case ERROR_INPUT:
		return MHD_HTTP_BAD_REQUEST;
	case ERROR_NOT_FOUND:
		return MHD_HTTP_NOT_FOUND;
	case ERROR_DENIED:
	case ERROR_REFUSED:
	case ERROR_CERTIFICATE:
		return MHD_HTTP_FORBIDDEN;
	case ERROR_THROTTLED:
		return MHD_HTTP_TOO_MANY_REQUESTS;
	case ERROR_FAILED:
	case ERROR_DAMAGED:
		return MHD_HTTP_INTERNAL_SERVER_ERROR;
	default:
		return MHD_HTTP_SERVICE_UNAVAILABLE;
	}
}

void exchange_answer_error(struct exchange *exchange, unsigned int status, const struct error *err)
{
	AUTO(json) json_t *answer = json_object();

	(void)json_object_set_new(answer, "error", json_string(err->text));
	(void)json_object_set_new(answer, "code", json_string(error_code_name(err->code)));
	exchange->etag[0] = exchange->next[0] = '\0';
	exchange->retry_after_s = err->retry_after_s;
	exchange_answer_json(exchange, status ? status : status_of(err->code), answer);
}

void exchange_answer_bytes(struct exchange *exchange, const char *content_type, struct buf *take_bytes)
{
	begin_answer(exchange, MHD_HTTP_OK, content_type);
	buf_clear(&exchange->answer);
	exchange->answer = *take_bytes;
	*take_bytes = (struct buf)BUF_INIT(take_bytes->limit);
}

void exchange_answer_copy(struct exchange *exchange, const char *content_type, const char *text, size_t len)
{
	begin_answer(exchange, MHD_HTTP_OK, content_type);
	if (buf_append(&exchange->answer, text, len, NULL) < 0)
		exchange_answer_text(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "No memory for the answer.");
}

void exchange_answer_json(struct exchange *exchange, unsigned int status, const json_t *value)
{
	begin_answer(exchange, status, "application/json");
	if (!value || json_write(value, &exchange->answer, NULL) < 0 ||
		buf_append(&exchange->answer, "\n", 1, NULL) < 0)
		exchange_answer_text(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "No memory for the answer.");
}

/* ---- Away and back ---- */

void exchange_take_along(struct exchange *exchange)
{
	exchange->is_away = true;
	MHD_suspend_connection(exchange->connection);
}

void exchange_done(struct exchange *exchange)
{
	struct MHD_Connection *connection = exchange->connection;

	MHD_resume_connection(connection);
}
