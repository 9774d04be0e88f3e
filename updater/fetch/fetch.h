/* The agent's side of haishin-fetch: starts the worker, which alone talks to the network and has given up every
 * right, and gives it the shape of a transport. What the worker says is believed no more than the network: it costs
 * one attempt and harms nothing. docs/fetch-protocol.md describes the wire. */
#ifndef UPDATER_FETCH_FETCH_H
#define UPDATER_FETCH_FETCH_H

#include "common/auto.h"
#include "common/error.h"
#include "common/transport.h"
#include "updater/fetch/http.h"

struct fetch_options {
	const char *program; /* absolute path of haishin-fetch */
	const char *user; /* whom it becomes where we are root; NULL or "": it stays who we are, for private roots */
	struct http_options http; /* keys and certificates go through the socket, never over a command line; stop_fd
				   * is watched on our side */
	int64_t answer_timeout_s; /* a worker silent for so long is ended (ERROR_NETWORK); 0: what connecting and a
				   * stall may take together, for each redirect that is allowed too, and 20 s. One that
				   * hands over less than FETCH_FLOOR_BYTES_PER_S over four times the stall time-out is, too */
};

/* Below what the worker itself allows a server (HTTP_FLOOR_BYTES_PER_S), and below any limit on the speed. */
#define FETCH_FLOOR_BYTES_PER_S 400

struct fetch;

/* The worker starts with the first transfer, and again after it has died or gone because nothing was asked of it.
 * What OPTIONS point at is borrowed until fetch_free. */
WARN_UNUSED int fetch_open(const struct fetch_options *options, struct fetch **ret_fetch, struct error *err);
/* Valid until fetch_free. */
struct transport *fetch_transport(struct fetch *fetch);
/* The speed limit from now on, also for the transfer whose sink calls this: a window opens, a window ends. 0: none. */
void fetch_set_rate(struct fetch *fetch, int64_t most_bytes_per_s);
/* Ends the worker; accepts NULL. */
void fetch_free(struct fetch *fetch);
DEFINE_AUTO_PTR(fetch, struct fetch, fetch_free);

#endif
