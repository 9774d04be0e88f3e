/* The tables of the store, as a list of steps. A step once released is never changed; a change is a new step. */
#ifndef AGENT_STORE_SCHEMA_H
#define AGENT_STORE_SCHEMA_H

#include "agent/database.h"

/* The user_version that the last step leaves. */
#define STORE_SCHEMA_VERSION 1

/* ERROR_INPUT: a newer haishin made the file. ERROR_DAMAGED: it is no store of haishin. Changes nothing. */
WARN_UNUSED int store_schema_check(struct database *database, struct error *err);

/* Takes the steps that the file has not taken yet, each in one transaction; a step that fails leaves the file as it
 * was. ERROR_DAMAGED: its tables are not those that its version says. After store_schema_check(). */
WARN_UNUSED int store_schema_update(struct database *database, struct error *err);

#endif
