/* The door: HTTPS with client certificates, or plain HTTP behind a proxy that hands the verified certificate on.
 * Nobody gets past it without a certificate, but
 * to ask for one. */
#ifndef COLLECTOR_HTTP_WEB_H
#define COLLECTOR_HTTP_WEB_H

#include "collector/http/exchange.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/web/tls.h"

struct web;

struct web_setup {
	const struct config *config; /* borrowed, as all here */
	const struct tls *tls;	     /* NULL: behind a proxy */
	/* Certificates that are revoked, behind a proxy too; NULL: none are here. */
	struct crl *crl;
	int listen_fd;
	const struct clock *clock;
	const struct log *log;
	/* True for what is there for those who have no certificate yet: their exchange has no client. */
	bool (*is_for_anybody)(const char *path);
	/* Answers, or takes the exchange along. Called from several threads. */
	void (*handle)(void *context, struct exchange *exchange);
	/* An answer went out, after so many milliseconds. May be NULL. */
	void (*answered)(void *context, const struct exchange *exchange, int64_t duration_ms);
	void *context;
};

WARN_UNUSED int web_start(const struct web_setup *setup, struct web **ret_web, struct error *err);
/* Takes no new connection; waits up to GRACE_S for answers under way. Those who took exchanges along must still be
 * there to hand them back. */
void web_stop(struct web *web, int grace_s);

#endif
