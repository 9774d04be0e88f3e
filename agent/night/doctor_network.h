/* The hops on the network: proxy, name server, each address, TLS, the server's answer. Used by agent/night/doctor.c. */
#ifndef AGENT_NIGHT_DOCTOR_NETWORK_H
#define AGENT_NIGHT_DOCTOR_NETWORK_H

#include "agent/base/doctor_hop.h"
#include "agent/base/terminal.h"
#include "agent/server/distribution.h"

struct doctor_walk {
	struct terminal *terminal;
	int stop_fd;
	const char *link_folder; /* as platform_link() reads it */
	doctor_take *take;
	void *context;
};

/* Walks to each configured server in turn. True if one of them answers. */
bool doctor_walk_network(const struct doctor_walk *walk, struct distribution *distribution);

#endif
