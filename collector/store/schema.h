/* The tables, as a list of steps (collector/store/schema/step_N.sql), each taken in one transaction together with
 * its number. A step once released is never changed; a change is a new step. */
#ifndef COLLECTOR_STORE_SCHEMA_H
#define COLLECTOR_STORE_SCHEMA_H

#include "collector/store/database.h"

/* The last step of this program. */
#define SCHEMA_NEWEST 8

/* Takes the steps that the database has not taken yet; several programs may do so at once. ERROR_INPUT: a newer
 * haishin made it; nothing was changed then. */
WARN_UNUSED int schema_update(struct database *database, struct error *err);

#endif
