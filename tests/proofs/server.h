/* A distribution server that misbehaves by chance, as the agent sees one: a transport over the states that a publisher's
 * repository has gone through. */
#ifndef TESTS_PROOFS_SERVER_H
#define TESTS_PROOFS_SERVER_H

#include "common/buf.h"
#include "common/transport.h"
#include "tests/proofs/chance.h"
#include "tests/proofs/trace.h"
#include "tests/support/folder.h"

/* What it has been asked; shared by processes. */
struct server_account {
	int64_t now_s; /* the terminal's clock: transfers take time */
	int64_t last_request_s;
	uint64_t requests;
	uint64_t bytes;
	uint64_t faults;
};

struct server {
	struct transport transport;
	const char *states; /* a folder: 0/metadata, 0/targets, 1/metadata ... */
	const char *base;   /* URLs begin with this */
	const struct buf *brake; /* what stands at metadata/brake.json in each state; empty: nothing. Borrowed */
	int state;	    /* the newest that is published */
	int shown;	    /* what this job is shown: an attacker may show an older one */
	unsigned trouble;   /* per cent of requests that go wrong; 0: it is well */
	bool is_gone;	    /* no contact at all */
	int64_t stops_at_s; /* from then on a transfer ends with ERROR_STOPPED, as when the window ends; 0: never */
	struct chance chance;
	struct server_account *account;
	struct trace *trace; /* each request is noted there */
};

void server_init(struct server *server, const char *states, const char *base, const struct buf *brake,
	struct server_account *account, struct trace *trace);

#endif
