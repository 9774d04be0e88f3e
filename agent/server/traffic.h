/* What delivery may take of the terminal's line: a transport around another that keeps to the speed limit of the hour,
 * to the night's budget and to the end of the window, and tells how much has come. */
#ifndef AGENT_SERVER_TRAFFIC_H
#define AGENT_SERVER_TRAFFIC_H

#include <stdint.h>

#include "agent/store/store.h"
#include "common/clock.h"
#include "common/transport.h"
#include "scheduler/rate.h"

/* What was spent in a window by all its jobs together. */
struct traffic_spent {
	uint64_t bytes;
	int64_t busy_ms; /* of transfers */
};

struct traffic_options {
	const struct clock *clock; /* borrowed, as all below */
	struct rate_rules rate;
	int64_t closes_s;	    /* not a byte afterwards; 0: no end */
	uint64_t budget;	    /* bytes; 0: no limit */
	int64_t budget_s;	    /* seconds; 0: no limit */
	struct traffic_spent spent; /* before this job */
	/* Called with a limit that is new, in a transfer too; 0: none. */
	void (*set_rate)(void *context, int64_t most_bytes_per_s);
	void *rate_context;
	/* Called at most twice a second while bytes come; may be NULL. */
	void (*arrived)(void *context);
	void *arrived_context;
};

struct traffic {
	struct transport transport; /* to be used in place of the one around which it stands */
	struct transport *inner;
	struct traffic_options options;
	struct traffic_spent spent;
	uint64_t bytes;	   /* that came in this job */
	int64_t looked_ms; /* when limits were last looked at */
	int64_t rate;
	bool has_rate;
};

/* TRAFFIC must stay where it is while it is used. Its transport ends with ERROR_STOPPED, before or in a transfer, where
 * the window or the budget is over; the bytes that were still allowed have reached the sink. */
void traffic_init(struct traffic *traffic, struct transport *inner, const struct traffic_options *options);

/* What earlier jobs spent in the window that opened at OPENS_S; nothing where none did. */
WARN_UNUSED int traffic_read_spent(
	struct store *store, int64_t opens_s, struct traffic_spent *ret_spent, struct error *err);
WARN_UNUSED int traffic_keep_spent(
	struct store *store, int64_t opens_s, const struct traffic_spent *spent, struct error *err);

#endif
