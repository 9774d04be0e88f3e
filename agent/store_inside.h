/* What the files that make up the store share, and nobody else sees. */
#ifndef AGENT_STORE_INSIDE_H
#define AGENT_STORE_INSIDE_H

#include "agent/database.h"
#include "agent/statements.h"
#include "agent/store.h"

struct store {
	struct database *database;
	const struct clock *clock; /* borrowed */
	int lock_fd;		   /* shared by all who have the file open; whoever sets it aside wants it alone */
	int depth;		   /* transactions inside each other */
};

/* A statement at work; NULL on failure, and inside a transaction that SQLite has given up. */
struct query *store_query(struct store *store, enum statement statement, struct error *err);
int64_t store_now_s(const struct store *store);

#endif
