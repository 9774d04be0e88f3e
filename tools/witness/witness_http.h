/* A witness's two calls over HTTP. Everything it takes and gives is signed, so TLS is left to a proxy. */
#ifndef TOOLS_WITNESS_WITNESS_HTTP_H
#define TOOLS_WITNESS_WITNESS_HTTP_H

#include "common/log.h"
#include "tools/witness/witness.h"

struct witness_http;

/* Serves on a socket that listens, which it takes over. One request after the other reaches WITNESS, from a thread of its
 * own. Each answer to a log is a line in LOG. NULL on failure. */
struct witness_http *witness_http_start(
	struct witness *witness, int take_listen_fd, const struct log *log, struct error *err);
/* What is being answered is answered first. */
void witness_http_stop(struct witness_http *http);

#endif
