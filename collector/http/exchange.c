#include "collector/http/exchange.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "common/web/tls.h"

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

/* ---- Who asks ---- */

int exchange_certificate(const struct exchange *exchange, struct buf *ret_der, struct error *err)
{
	const union MHD_ConnectionInfo *info;
	const char *escaped;
	const void *der;
	size_t len;

	if (exchange->is_proxied) {
		escaped = exchange_header(exchange, EXCHANGE_PROXY_CERTIFICATE);
		return escaped ? client_der_from_escaped_pem(escaped, ret_der, err) : 0;
	}
	info = MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	der = info ? tls_client_certificate(info->tls_session, &len) : NULL;
	return der ? buf_append(ret_der, der, len, err) : 0;
}

static void write_address(const struct sockaddr *address, char ret_address[static EXCHANGE_ADDRESS_SIZE])
{
	struct in6_addr network;

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;

		(void)inet_ntop(AF_INET, &four->sin_addr, ret_address, EXCHANGE_ADDRESS_SIZE);
	} else if (address->sa_family == AF_INET6) {
		network = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
		if (!IN6_IS_ADDR_V4MAPPED(&network))
			memset(network.s6_addr + 8, 0, 8);
		(void)inet_ntop(AF_INET6, &network, ret_address, EXCHANGE_ADDRESS_SIZE);
	}
}

void exchange_address(const struct exchange *exchange, char ret_address[static EXCHANGE_ADDRESS_SIZE])
{
	const union MHD_ConnectionInfo *info;
	const char *told;

	ret_address[0] = '\0';
	if (exchange->is_proxied) {
		told = exchange_header(exchange, EXCHANGE_PROXY_ADDRESS);
		(void)snprintf(ret_address, EXCHANGE_ADDRESS_SIZE, "%.63s", told ? told : "");
		return;
	}
	info = MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info && info->client_addr)
		write_address(info->client_addr, ret_address);
}

/* ---- Answers ---- */

static void begin_answer(struct exchange *exchange, unsigned int status, const char *content_type)
{
	exchange->status = status;
	exchange->content_type = content_type;
	buf_empty(&exchange->answer);
}

/* What a program may act on, where there is no error of ours behind the status. */
static enum error_code code_of(unsigned int status)
{
	switch (status) {
	case MHD_HTTP_UNAUTHORIZED:
	case MHD_HTTP_FORBIDDEN:
		return ERROR_DENIED;
	case MHD_HTTP_NOT_FOUND:
	case MHD_HTTP_METHOD_NOT_ALLOWED:
		return ERROR_NOT_FOUND;
	case MHD_HTTP_TOO_MANY_REQUESTS:
		return ERROR_THROTTLED;
	case MHD_HTTP_SERVICE_UNAVAILABLE:
		return ERROR_BUSY;
	default:
		return status < 500 ? ERROR_INPUT : ERROR_FAILED;
	}
}

static void answer_wrong(struct exchange *exchange, unsigned int status, enum error_code code, const char *text)
{
	AUTO(json) json_t *answer =
		JSON_OBJECT({json_text("error", text), json_text("code", error_code_name(code))});

	exchange->etag[0] = exchange->next[0] = '\0';
	exchange_answer_json(exchange, status, answer);
}

void exchange_answer_text(struct exchange *exchange, unsigned int status, const char *fmt, ...)
{
	char text[TEXT_MOST];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	answer_wrong(exchange, status, code_of(status), text);
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
	exchange->retry_after_s = err->retry_after_s;
	answer_wrong(exchange, status ? status : status_of(err->code), err->code, err->text);
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
		buf_append(&exchange->answer, "\n", 1, NULL) < 0) {
		begin_answer(exchange, MHD_HTTP_INTERNAL_SERVER_ERROR, "application/json");
	}
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
