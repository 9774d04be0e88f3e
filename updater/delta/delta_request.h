/* A delta that is to be applied: between which releases, from where and to where. */
#ifndef UPDATER_DELTA_DELTA_REQUEST_H
#define UPDATER_DELTA_DELTA_REQUEST_H

#include <stdint.h>

#include "common/digest.h"
#include "common/error.h"
#include "updater/tree/needs.h"
#include "updater/tree/tree.h"

struct delta {
	int fd; /* the delta, its digest checked; borrowed, as all below */
	uint64_t len;
	struct tree *to;
	struct needs *needs;
	struct tree *from;
	const struct release *from_release;
	struct sha256 from_id;	   /* SHA-256 of the old release's JSON */
	struct sha256 to_id;	   /* and of the new one's */
	uint64_t did_not_come_out; /* set: files that the delta describes and that became others, or none */
	/* Called now and then; -1 ends it. May be NULL. */
	int (*went_on)(void *context, struct error *err);
	void *context;
};

#endif
