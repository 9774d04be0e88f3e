/* Where on the way to a server a transfer ended. Apart from updater/fetch/http, since it needs nothing of curl but its
 * numbers: the agent asks, and has no curl in it. */
#ifndef UPDATER_FETCH_HTTP_HOP_H
#define UPDATER_FETCH_HTTP_HOP_H

#include <stdbool.h>

#include "common/error.h"

/* An error's sys for a TLS alert of the server about our certificate is the alert's number above this. */
#define HTTP_ALERT_SYS 1000
/* That of an ERROR_NETWORK of a server that answered that it cannot now is the answer's status above this. */
#define HTTP_STATUS_SYS 2000

/* The hop of the way to a server at which a transfer ended. */
enum http_hop {
	HTTP_HOP_PROXY,
	HTTP_HOP_NAME,
	HTTP_HOP_CONNECT,
	HTTP_HOP_TLS,		   /* the server's certificate is not trusted, or no TLS came about */
	HTTP_HOP_CERTIFICATE,	   /* the server does not accept ours, or misses one */
	HTTP_HOP_CERTIFICATE_OVER, /* it says that ours has expired or has been revoked */
	HTTP_HOP_REDIRECT,	   /* it points to where it may not, or without end */
	HTTP_HOP_ANSWER,	   /* what was answered, or that nothing was */
};

/* ERR of a transfer that failed, as updater/fetch/http or updater/fetch gave it. */
enum http_hop http_hop_of(const struct error *err);

/* True where the server was reached, and failed at this one request: it did not ask to be left alone for a while, so that
 * others may be tried at once. Whatever has become of ERR's code. */
bool http_failed_alone(const struct error *err);

/* Where that is so of one file of many, the fault is the file's: ERROR_SERVER instead of a lost contact. */
void http_blame_file(struct error *err);

#endif
