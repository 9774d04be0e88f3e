#include "tools/window/serve/respond.h"

#include <stdbool.h>
#include <string.h>

#include "common/auto.h"

/* Nothing from elsewhere, nothing inline, in nobody's frame; nothing is kept, and nobody is told where the reader came from. */
static const char *const headers[][2] = {
	{"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
				    "connect-src 'self'; base-uri 'none'; "
				    "form-action 'none'; frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Cache-Control", "no-store"},
};

static bool add_headers(struct MHD_Response *response)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
		if (MHD_add_response_header(response, headers[i][0], headers[i][1]) != MHD_YES)
			return false;
	return true;
}

enum MHD_Result respond(struct MHD_Connection *connection, unsigned int status, const char *type,
	const char *more, const char *value, struct MHD_Response *take_response)
{
	enum MHD_Result result = MHD_NO;

	if (!take_response)
		return MHD_NO;
	if (add_headers(take_response) &&
		MHD_add_response_header(take_response, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
		(!more || MHD_add_response_header(take_response, more, value) == MHD_YES))
		result = MHD_queue_response(connection, status, take_response);
	MHD_destroy_response(take_response);
	return result;
}

enum MHD_Result respond_text(struct MHD_Connection *connection, unsigned int status, const char *text)
{
	return respond(connection, status, "text/plain; charset=utf-8", NULL, NULL,
		MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT));
}
