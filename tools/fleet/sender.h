/* Sends the reports of a simulated fleet's night to a collector: each terminal over a connection of its own, with its own client
 * certificate. */
#ifndef TOOLS_FLEET_SENDER_H
#define TOOLS_FLEET_SENDER_H

#include "tools/fleet/crowd.h"
#include "tools/fleet/saying.h"

#define SENDER_THREADS_MOST 64

struct sender_options {
	const char *url;	    /* where reports are taken */
	const char *server_ca_file; /* authority of the collector's own certificate, PEM */
	uint32_t terminals;
	int64_t night;	     /* of the fleet's life, from 1 */
	uint32_t per_second; /* terminals that begin in a second; 0: as fast as it goes */
	uint32_t threads;
	struct saying_options saying;
};

struct sender_result {
	uint64_t taken;			     /* reports */
	uint64_t refused;		     /* of what was no report: each should be */
	uint64_t wrong;			     /* answers that should have been another, or did not come */
	char first_wrong[256];		     /* what the first of them was; "" */
	uint64_t quiet;			     /* terminals that are silent in this night */
	uint64_t fall_silent[SAYING_CAUSES]; /* those that are, or will be from the next night on, by cause */
	uint64_t twins;
	double took_s;
};

WARN_UNUSED int sender_send(const struct sender_options *options, const struct crowd *crowd, int64_t now_s,
	struct sender_result *ret_result, struct error *err);

#endif
