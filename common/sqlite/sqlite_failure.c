#include "common/sqlite/sqlite_failure.h"

#include <errno.h>
#include <stdbool.h>

#include <sqlite3.h>

static enum error_code code_of(int status)
{
	switch (status & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return ERROR_BUSY;
	case SQLITE_FULL:
		return ERROR_NO_SPACE;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* our SQL never changes, so the tables are not those it was written for */
		return ERROR_DAMAGED;
	default:
		return ERROR_FAILED;
	}
}

int sqlite_failure(sqlite3 *handle, int status, struct error *err)
{
	int sys = handle ? sqlite3_system_errno(handle) : 0;
	bool no_space = (status & 0xff) == SQLITE_IOERR && (sys == ENOSPC || sys == EDQUOT);

	(void)error_set(err, no_space ? ERROR_NO_SPACE : code_of(status), "%s",
		handle ? sqlite3_errmsg(handle) : sqlite3_errstr(status));
	if (err)
		err->sys = status;
	return -1;
}
