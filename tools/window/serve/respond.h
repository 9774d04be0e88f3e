/* Answers of the window's web server, each with the headers that keep its page to itself. */
#ifndef TOOLS_WINDOW_SERVE_RESPOND_H
#define TOOLS_WINDOW_SERVE_RESPOND_H

#include <microhttpd.h>

/* MORE (NULL: none) is one more header. Takes the response; NULL closes the connection. */
enum MHD_Result respond(struct MHD_Connection *connection, unsigned int status, const char *type, const char *more,
	const char *value, struct MHD_Response *take_response);

/* TEXT is static. */
enum MHD_Result respond_text(struct MHD_Connection *connection, unsigned int status, const char *text);

#endif
