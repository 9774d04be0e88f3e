/* The server itself: libmicrohttpd answers on a thread of its own, with bounded memory for each connection. */
#ifndef TOOLS_SERVER_SERVER_H
#define TOOLS_SERVER_SERVER_H

#include <stdint.h>

#include "common/auto.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "common/web/tls.h"
#include "tools/server/options.h"
#include "tools/server/reports.h"

struct server_setup {
	int root_fd; /* borrowed, as all below */
	int listen_fd;
	int access_log_fd;	 /* -1: none */
	const struct tls *tls;	 /* NULL: plain HTTP */
	struct reports *reports; /* NULL: none are taken */
	const struct clock *clock;
	const struct log *log;
	const struct server_options *options;
};

struct server;

WARN_UNUSED int server_start(const struct server_setup *setup, struct server **ret_server, struct error *err);

/* Takes no more connections, lets what is being answered end, for at most GRACE_S, and closes. Accepts NULL. */
void server_stop(struct server *server, int grace_s);

#endif
