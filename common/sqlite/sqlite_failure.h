/* What SQLite could not do, as an error on which a program can act. */
#ifndef COMMON_SQLITE_SQLITE_FAILURE_H
#define COMMON_SQLITE_SQLITE_FAILURE_H

#include "common/error.h"

struct sqlite3;

/* Sets the error to what SQLite says of STATUS, and returns -1: ERROR_BUSY, ERROR_NO_SPACE, ERROR_DAMAGED, or ERROR_FAILED. Its
 * SYS is the status. HANDLE may be NULL where there is no connection yet. */
int sqlite_failure(struct sqlite3 *handle, int status, struct error *err);

#endif
