/* What the parts of agent/distribution*.c share. distribution_open.c makes the way to the servers, distribution.c asks
 * them. */
#ifndef AGENT_SERVER_DISTRIBUTION_INSIDE_H
#define AGENT_SERVER_DISTRIBUTION_INSIDE_H

#include "agent/server/distribution.h"

/* "BASE/REST", the caller's to free. */
char *distribution_join_url(const char *base, const char *rest, struct error *err);

#endif
