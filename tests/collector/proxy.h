/* The real nginx before one collector or several, as docs/collector.md has it. */
#ifndef TESTS_COLLECTOR_PROXY_H
#define TESTS_COLLECTOR_PROXY_H

#include "tests/collector/collector_fixture.h"

struct proxy {
	struct folder folder;
	struct program nginx;
	char base[64]; /* "https://127.0.0.1:PORT" */
};

/* Where the collector has written a list of revoked certificates there, nginx takes it. COLLECTORS share one folder and bear names for their sockets. They are reached through the proxy from now on. */
void proxy_start(struct proxy *proxy, struct collector *const *collectors, size_t count);
void proxy_stop(struct proxy *proxy);

#endif
