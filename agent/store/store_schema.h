/* The tables of the store, as a list of steps (agent/store/store_schema/step_N.sql), each taken in one transaction together
 * with the file's user_version. A step once released is never changed; a change is a new step.
 *
 * After a rollback the former agent must work on with the store that the newer one changed. So a step may only add:
 * tables, columns with a default, indexes; or take back a rule that a trigger holds. What the former agent reads and
 * writes stays as it was. Each step says which is the first step whose agents can live with it, and the store carries
 * that number: an agent opens every store that carries at most its own. */
#ifndef AGENT_STORE_STORE_SCHEMA_H
#define AGENT_STORE_STORE_SCHEMA_H

#include "agent/store/database.h"

/* STEP(its number, the first step whose agents can live with a file that has taken it). */
#define EACH_SCHEMA_STEP(STEP)                                                                                       \
	STEP(1, 1)                                                                                                   \
	STEP(2, 1)                                                                                                   \
	STEP(3, 1)                                                                                                   \
	STEP(4, 1)

enum store_schema {
#define SCHEMA_COUNT(number, readable_from) SCHEMA_STEP_##number,
	EACH_SCHEMA_STEP(SCHEMA_COUNT)
#undef SCHEMA_COUNT
		STORE_SCHEMA_NEWEST, /* the last step of this agent */
};

/* May an agent that knows the steps up to NEWEST open the file? ERROR_STORE_NEWER: a newer haishin made it, and such an
 * agent would not understand it. ERROR_DAMAGED: it is no store of haishin. Changes nothing. */
WARN_UNUSED int store_schema_check(struct database *database, int64_t newest, struct error *err);

/* Takes the steps up to NEWEST that the file has not taken yet; a step that fails leaves the file as it was. After
 * store_schema_check(). */
WARN_UNUSED int store_schema_update(struct database *database, int64_t newest, struct error *err);

#endif
