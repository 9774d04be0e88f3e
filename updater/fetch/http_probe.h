/* How far the way to a server goes before HTTP: a URL "probe://HOST:PORT" looks the name up and tries a connection to
 * each of its addresses (name servers answer with several, some dead: F21). Nothing is sent. The body
 * has one line for each address: "ADDRESS ok" or "ADDRESS failed REASON". */
#ifndef UPDATER_FETCH_HTTP_PROBE_H
#define UPDATER_FETCH_HTTP_PROBE_H

#include <stdbool.h>

#include "common/error.h"
#include "common/transport.h"

/* Addresses beyond these are not tried. */
#define PROBE_ADDRESSES_MOST 16

bool probe_is_url(const char *url);

/* As ask() of struct transport. All addresses are tried at once, for TIMEOUT_MS at most. ERROR_NOT_FOUND: the name servers say
 * that there is no such name; ERROR_NETWORK: no name server answers; ERROR_STOPPED when STOP_FD is readable. That no
 * address answers is no error. */
WARN_UNUSED int probe_get(const struct transport_request *request, int64_t timeout_ms, int stop_fd,
	transport_sink *sink, void *sink_context, struct transport_reply *ret_reply, struct error *err);

#endif
