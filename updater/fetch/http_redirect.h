/* Where an answer that points elsewhere may lead. Part of updater/fetch/http, which follows it one request at a time, so that
 * each host is asked with no more than is meant for it. */
#ifndef UPDATER_FETCH_HTTP_REDIRECT_H
#define UPDATER_FETCH_HTTP_REDIRECT_H

#include <stdbool.h>
#include <sys/socket.h>

#include "common/auto.h"
#include "common/error.h"
#include "updater/fetch/http_options.h"

#define HTTP_REDIRECT_HOST_SIZE 256

struct http_redirect {
	char *url;			    /* to ask next */
	char host[HTTP_REDIRECT_HOST_SIZE]; /* of it, with its port where one is given, printable */
	bool leaves; /* it is another host than the one that the request named: the client certificate, and the user
			and password of the URL, are not for it */
};

void http_redirect_clear(struct http_redirect *redirect);
DEFINE_AUTO(http_redirect, struct http_redirect, http_redirect_clear);

/* The request was for ASKED; FROM (the same, or where it was sent on to) answered STATUS and points to TO, which is
 * absolute. ERROR_STRANGER says which host it is and what to do, where ALLOWED does not cover it, and always where it
 * leads from https to http or to anything but http and https. RET is then left alone. A user and password in TO are
 * dropped; those of ASKED go along to its own host. */
WARN_UNUSED int http_redirect_take(enum http_redirects allowed, const char *asked, const char *from, const char *to,
	int status, struct http_redirect *ret, struct error *err);

/* May a server send us to a foreign host at ADDRESS? Not to this machine, unless the server is there too
 * (FROM_THIS_MACHINE), and not to what has an address on the link alone: who runs a server far away has no business
 * with what listens there. */
bool http_redirect_may_reach(const struct sockaddr *address, bool from_this_machine);
/* IP as text: is it an address of this machine alone? */
bool http_redirect_is_this_machine(const char *ip);

/* ERROR_STRANGER of a redirect that would go there all the same; and of one that comes after too many. Return -1. */
int http_redirect_refuse_address(const struct http_redirect *redirect, struct error *err);
int http_redirect_refuse_more(const struct http_redirect *redirect, struct error *err);

#endif
