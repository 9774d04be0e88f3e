/* What the two databases call differently. Schema and statements are written once, with words that begin with '@' in
 * those places, and parameters as $1, $2, ... */
#ifndef COLLECTOR_STORE_DIALECT_H
#define COLLECTOR_STORE_DIALECT_H

#include "common/buf.h"
#include "common/error.h"

/* A lock of PostgreSQL is waited for no longer. */
#define DIALECT_LOCK_WAIT_MS 10000

enum dialect { DIALECT_SQLITE, DIALECT_POSTGRES };

#define DIALECT_SQL_MOST 65536

/* Appends SQL with its words translated. A word that is none of the list is a mistake of the program. */
WARN_UNUSED int dialect_translate(enum dialect dialect, const char *sql, struct buf *ret_sql, struct error *err);

#endif
