/* How long connections that ask for nothing are borne with. libmicrohttpd closes one that is silent; one that sends a
 * byte now and then, or nothing but the beginning of TLS, is ended here once its time is over. */
#ifndef COMMON_WEB_PATIENCE_H
#define COMMON_WEB_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/clock.h"
#include "common/error.h"

struct patience;

/* One connection; the caller's, and zero until it is begun. */
struct patience_entry {
	int fd;
	int64_t ends_ms;
	struct patience_entry *before, *behind; /* NULL where it is not in the list */
	bool waits;
};

/* Begins a thread of its own. CLOCK is borrowed. */
WARN_UNUSED int patience_new(const struct clock *clock, struct patience **ret_patience, struct error *err);
/* Nothing may be waiting any more. Accepts NULL. */
void patience_free(struct patience *patience);

/* From now on the connection FD has so many seconds, until patience_end. A second call begins anew. */
void patience_begin(struct patience *patience, struct patience_entry *entry, int fd, int64_t most_s);
/* It has all the time there is, or is gone. To be called before FD is closed. */
void patience_end(struct patience *patience, struct patience_entry *entry);

#endif
