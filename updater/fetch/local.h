/* A "file:" URL as a source of bytes: a repository on a stick or a share stands in for a server. */
#ifndef UPDATER_FETCH_LOCAL_H
#define UPDATER_FETCH_LOCAL_H

#include <stdbool.h>

#include "common/error.h"
#include "common/transport.h"

bool local_is_url(const char *url);

/* As transport->ask, for a URL of the form "file:///path" with %XX for bytes that a URL cannot hold. Only plain files
 * are read. A range beyond the end of the file is an ERROR_SERVER, as with a server. */
WARN_UNUSED int local_get(const struct transport_request *request, transport_sink *sink, void *sink_context,
	struct transport_reply *ret_reply, struct error *err);

#endif
