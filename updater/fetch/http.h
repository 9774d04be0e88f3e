/* HTTP over libcurl, in this process: this module and its parts (http_*.c) alone know curl on a terminal. haishin-fetch uses it
 * behind its sandbox; tools that stand in nobody's way use it directly. A "file:" URL is read from this machine (a
 * stick, a share), parts too; no server can send us to one, nor to a "probe:" URL (updater/fetch/http_probe.h),
 * which asks how far the way to a server goes. */
#ifndef UPDATER_FETCH_HTTP_H
#define UPDATER_FETCH_HTTP_H

#include "common/auto.h"
#include "common/error.h"
#include "common/transport.h"
#include "updater/fetch/http_options.h"

/* Opens a transport with kept connections. Proxy variables in the environment have no effect. What OPTIONS point at
 * is borrowed until http_close. */
WARN_UNUSED int http_open(const struct http_options *options, struct transport **ret_transport, struct error *err);
/* The speed limit from now on, for a transfer under way too: a window opens, a window ends. 0: none. */
void http_set_rate(struct transport *transport, int64_t most_bytes_per_s);
/* Closes its connections; accepts NULL. */
void http_close(struct transport *transport);
DEFINE_AUTO_PTR(http, struct transport, http_close);

#endif
