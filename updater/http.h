/* HTTP over libcurl, in this process: the one file that knows curl. haishin-fetch uses it behind its sandbox; tools that
 * stand in nobody's way use it directly. */
#ifndef UPDATER_HTTP_H
#define UPDATER_HTTP_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/transport.h"

struct http_options {
	const char *ca_pem;             /* whom to trust as a server; NULL: the machine's own list. Borrowed, as all below */
	const char *certificate_pem;    /* the client certificate with its chain; NULL: none */
	const char *key_pem;            /* its private key */
	const char *proxy;              /* such as "http://user:word@proxy:8080"; NULL: none. Never guessed (F15) */
	int64_t connect_timeout_ms;     /* for one address; 0: 10 s */
	int64_t stall_timeout_s;        /* without a byte; 0: 30 s */
	int64_t total_timeout_s;        /* for one transfer; 0: none */
	int64_t most_bytes_per_s;       /* 0: no limit */
	int64_t redirects;              /* followed at most, within http and https; 0: none */
	int stop_fd;                    /* readable: end with ERROR_STOPPED; -1: none */
};

/* Opens a transport with kept connections. Proxy variables in the environment have no effect. */
WARN_UNUSED int http_open(const struct http_options *options, struct transport **ret_transport, struct error *err);
/* Closes its connections; accepts NULL. */
void http_close(struct transport *transport);
DEFINE_AUTO_PTR(http, struct transport, http_close);

#endif
