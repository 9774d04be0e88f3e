/* The hops on the network: proxy, name server, each address, TLS, the server's answer. Used by agent/night/doctor.c. */
#ifndef AGENT_NIGHT_DOCTOR_NETWORK_H
#define AGENT_NIGHT_DOCTOR_NETWORK_H

#include "agent/night/doctor.h"
#include "agent/server/distribution.h"

struct walk {
	struct terminal *terminal;
	int stop_fd;
	doctor_take *take;
	void *context;
};

/* Begins a hop: all is well so far with what FMT says was looked at. */
void doctor_look_at(struct doctor_hop *ret_hop, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);
void doctor_find(struct doctor_hop *hop, enum doctor_outcome outcome, const char *finding, const struct error *why);

/* Walks to each configured server in turn. True if one of them answers. */
bool doctor_walk_network(const struct walk *walk, struct distribution *distribution);

#endif
