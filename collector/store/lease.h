/* Which of several collectors on one store does what only one may do. */
#ifndef COLLECTOR_STORE_LEASE_H
#define COLLECTOR_STORE_LEASE_H

#include "collector/store/database.h"

#define LEASE_HOLDER_SIZE 64

/* What this process is called in leases: host and number. An SQLite file has one collector, which is called the
 * same after a restart, so that it need not wait for itself. */
void lease_name_holder(const struct database *database, char ret_holder[static LEASE_HOLDER_SIZE]);

/* Takes or renews the lease NAME for LENGTH_S from NOW_S on, unless another holds it then (*RET_TAKEN). Within a
 * transaction, others who want it wait for its end. */
WARN_UNUSED int lease_take(struct database *database, const char *name, const char *holder, int64_t now_s,
	int64_t length_s, bool *ret_taken, struct error *err);
/* So that another need not wait for it to run out. */
void lease_give_back(struct database *database, const char *name, const char *holder);

#endif
