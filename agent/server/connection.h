/* How one job reaches the servers: the worker that talks to them, the client certificate and the secrets it is
 * given, the mirrors that are asked in turn, and what may be taken of the network. */
#ifndef AGENT_SERVER_CONNECTION_H
#define AGENT_SERVER_CONNECTION_H

#include "agent/base/terminal.h"
#include "agent/server/traffic.h"
#include "updater/fetch/certificate.h"
#include "updater/fetch/fetch.h"
#include "updater/fetch/mirrors.h"

struct connection {
	struct certificate certificate;
	struct buf ca_pem;
	struct buf proxy_credentials; /* a secret */
	char *worker;		      /* path of haishin-fetch */
	struct fetch *fetch;	      /* NULL: the terminal was handed a transport at its start */
	struct mirrors *mirrors;
	struct traffic *traffic;
	struct transport *direct;    /* to any server, past mirrors and limits: for what is not fetched but sent */
	struct transport *transport; /* asks the servers in turn, within what it may take */
};

struct connection_options {
	int stop_fd; /* as in http_options */
	/* The window in which it happens; its end, the budget and what was spent of it hold. 0: outside of any, and no
	 * limit but the speed of the hour. */
	int64_t opens_s, closes_s;
	bool is_anonymous;		/* no client certificate is shown: to get the first one */
	void (*arrived)(void *context); /* as in traffic_options */
	void *context;
};

/* Chooses the client certificate (F16) and makes the worker ready; no contact yet. */
WARN_UNUSED int connection_open(const struct terminal *terminal, const struct connection_options *options,
	struct connection *ret_connection, struct error *err);
/* Accepts a zeroed struct. */
void connection_close(struct connection *connection);
DEFINE_AUTO(connection, struct connection, connection_close);

/* The client certificate to show (F16); left alone where no server asks for one. As certificate_choose(). */
WARN_UNUSED int connection_choose_certificate(
	const struct terminal *terminal, struct certificate *ret_certificate, struct error *err);

#endif
