/* The tables of the store, as a list of steps, each taken in one transaction together with the file's user_version. The list is the
 * folder agent/store/store_schema: step_N.sql, whose first line begins with "-- Step N, readable from M: ". A step once released is never
 * changed; a change is a new step.
 *
 * After a rollback the former agent must work on with the store that the newer one changed. So a step may only add:
 * tables, columns with a default, indexes; or take back a rule that a trigger holds. What the former agent reads and
 * writes stays as it was. Each step says which is the first step whose agents can live with it (M), and the store carries
 * that number: an agent opens every store that carries at most its own. */
#ifndef AGENT_STORE_STORE_SCHEMA_H
#define AGENT_STORE_STORE_SCHEMA_H

#include "agent/store/database.h"

struct store_schema_step {
	const char *sql;
	int64_t readable_from;
};

extern const struct store_schema_step store_schema_steps[]; /* made from the folder by agent/store/CMakeLists.txt */
extern const int64_t store_schema_newest;		    /* the last step of this agent */

/* May an agent that knows the steps up to NEWEST open the file? ERROR_STORE_NEWER: a newer haishin made it, and such an
 * agent would not understand it. ERROR_DAMAGED: it is no store of haishin. Changes nothing. */
WARN_UNUSED int store_schema_check(struct database *database, int64_t newest, struct error *err);

/* Takes the steps up to NEWEST that the file has not taken yet; a step that fails leaves the file as it was. After
 * store_schema_check(). */
WARN_UNUSED int store_schema_update(struct database *database, int64_t newest, struct error *err);

#endif
