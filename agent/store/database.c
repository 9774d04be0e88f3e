#include "agent/store/database.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "agent/store/record.h"
#include "common/sqlite/sqlite_failure.h"
#include "common/text.h"

#define BUSY_TIMEOUT_MS 10000
#define PATH_LIMIT 4096

struct database {
	sqlite3 *handle;
};

struct query {
	sqlite3_stmt *statement;
	int bind_status; /* the first that failed; told at the next step */
};

static int fail(sqlite3 *handle, int status, struct error *err)
{
	(void)sqlite_failure(handle, status, err);
	return error_context(err, "store");
}

/* SQLite gives its -wal and -shm the mode of the file itself. A file that is there is not opened: to close a descriptor of it would
 * take away the locks that other connections of this process have on it (POSIX). */
static int make_private(const char *path, struct error *err)
{
	AUTO(fd) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 && errno != EEXIST ? error_system(err, errno, "cannot open '%s'", path) : 0;
}

/* SQLite would wait for what a pipe never says; a link it does not follow. */
static int check_plain(const char *path, struct error *err)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char file[PATH_LIMIT];
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (snprintf(file, sizeof(file), "%s%s", path, suffixes[i]) >= (int)sizeof(file))
			return error_set(err, ERROR_USAGE, "path of the store is too long");
		if (lstat(file, &st) == 0 && !S_ISREG(st.st_mode))
			return error_set(err, ERROR_DAMAGED, "store: '%s' is no plain file", file);
	}
	return 0;
}

static int configure(sqlite3 *handle, struct error *err)
{
	int status;

	(void)sqlite3_extended_result_codes(handle, 1);
	if ((status = sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS)) != SQLITE_OK ||
		(status = sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL)) != SQLITE_OK ||
		(status = sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL)) != SQLITE_OK ||
		(status = sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL)) != SQLITE_OK ||
		(status = sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL)) != SQLITE_OK ||
		(status = sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL)) != SQLITE_OK)
		return fail(handle, status, err);
	return 0;
}

int database_open(const char *path, struct database **ret_database, struct error *err)
{
	AUTO(database) struct database *database = calloc(1, sizeof(*database));
	int status;

	if (!database)
		return error_set(err, ERROR_FAILED, "no memory for the store");
	if (check_plain(path, err) < 0 || make_private(path, err) < 0)
		return -1;
	if ((status = sqlite3_open_v2(path, &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL)) !=
		SQLITE_OK)
		return fail(database->handle, status, err);
	if (configure(database->handle, err) < 0)
		return -1;
	*ret_database = take_ptr(&database);
	return 0;
}

void database_close(struct database *database)
{
	if (!database)
		return;
	(void)sqlite3_close_v2(database->handle);
	free(database);
}

void database_leave_alone(struct database *database)
{
	(void)sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

int database_run(struct database *database, const char *sql, struct error *err)
{
	int status = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);

	return status == SQLITE_OK ? 0 : fail(database->handle, status, err);
}

void database_undo(struct database *database, const char *sql)
{
	(void)sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
}

int database_number(struct database *database, const char *sql, int64_t *ret_number, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, sql, err);
	bool row;

	if (query_step(query, &row, err) < 0)
		return -1;
	*ret_number = row ? query_number(query, 0) : 0;
	return 0;
}

bool database_in_transaction(struct database *database)
{
	return !sqlite3_get_autocommit(database->handle);
}

void database_rest(struct database *database)
{
	(void)sqlite3_db_release_memory(database->handle);
}

int64_t database_changes(struct database *database)
{
	return sqlite3_changes64(database->handle);
}

struct query *query_new(struct database *database, const char *sql, struct error *err)
{
	AUTO(query) struct query *query = calloc(1, sizeof(*query));
	int status;

	if (!query) {
		(void)error_set(err, ERROR_FAILED, "no memory for a statement of the store");
		return NULL;
	}
	if ((status = sqlite3_prepare_v2(database->handle, sql, -1, &query->statement, NULL)) != SQLITE_OK) {
		(void)fail(database->handle, status, err);
		return NULL;
	}
	return take_ptr(&query);
}

void query_free(struct query *query)
{
	if (!query)
		return;
	(void)sqlite3_finalize(query->statement);
	free(query);
}

static void note_bind(struct query *query, int status)
{
	assert(status != SQLITE_RANGE && status != SQLITE_MISUSE);
	if (query->bind_status == SQLITE_OK)
		query->bind_status = status;
}

void query_bind_text(struct query *query, int parameter, const char *text)
{
	if (query)
		note_bind(query,
			sqlite3_bind_text(query->statement, parameter, text ? text : "", -1, SQLITE_TRANSIENT));
}

void query_bind_number(struct query *query, int parameter, int64_t number)
{
	if (query)
		note_bind(query, sqlite3_bind_int64(query->statement, parameter, number));
}

int query_step(struct query *query, bool *ret_row, struct error *err)
{
	int status;

	if (!query) /* it could not be made, and ERR says why */
		return -1;
	status = query->bind_status;
	if (status == SQLITE_OK)
		status = sqlite3_step(query->statement);
	if (status != SQLITE_ROW && status != SQLITE_DONE)
		return fail(sqlite3_db_handle(query->statement), status, err);
	*ret_row = status == SQLITE_ROW;
	return 0;
}

int query_next(struct query *query, struct error *err)
{
	bool row;

	return query_step(query, &row, err) < 0 ? -1 : row;
}

int query_run(struct query *query, struct error *err)
{
	int row;

	while ((row = query_next(query, err)) > 0)
		;
	return row;
}

int64_t query_number(struct query *query, int column)
{
	return sqlite3_column_int64(query->statement, column);
}

const char *query_whole_text(struct query *query, int column)
{
	const unsigned char *text = sqlite3_column_text(query->statement, column);

	return text ? (const char *)text : "";
}

void query_text(struct query *query, int column, char *ret_text, size_t size)
{
	text_cut(query_whole_text(query, column), ret_text, size);
}
