#include "collector/store/database_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "common/fs.h"
#include "common/sqlite/sqlite_failure.h"

#define BUSY_TIMEOUT_MS 10000

/* Readers never wait for the writer; what was committed survives a power cut. The cache is small, as several
 * connections have one each; the system's own does the rest. */
#define SETTINGS                                                                                                     \
	"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096; PRAGMA mmap_size = 0; "    \
	"PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY"

/* What root makes in another account's folder is that account's: a command of the administrator may come before the service's
 * first start. */
static int give_to_owner(int fd, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char folder[4096];
	struct stat above;
	struct fs fs;

	fs_init(&fs);
	(void)snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	if (stat(folder, &above) < 0)
		return error_system(err, errno, "cannot look at '%s'", folder);
	return above.st_uid == 0 ? 0 : fs_set_owner(&fs, fd, path, above.st_uid, above.st_gid, err);
}

/* SQLite gives its -wal and -shm the mode of the file itself. A file that is there is not touched: to close a
 * descriptor of it would take away the locks that other connections of this process have on it (POSIX), and a
 * program that closes its own then believes to be the last one, and removes the log that we go on writing. */
static int make_private(const char *path, struct error *err)
{
	AUTO(fd) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return errno == EEXIST ? 0 : error_system(err, errno, "cannot open '%s'", path);
	return geteuid() == 0 ? give_to_owner(fd, path, err) : 0;
}

static int run(struct database *database, const char *sql, struct error *err)
{
	int status = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);

	return status == SQLITE_OK ? 0 : sqlite_failure(database->handle, status, err);
}

static int open_file(struct database *database, const char *path, struct error *err)
{
	sqlite3 *handle = NULL;
	int status;

	if (make_private(path, err) < 0)
		return -1;
	status = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	database->handle = handle;
	if (status == SQLITE_OK)
		status = sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS);
	if (status == SQLITE_OK)
		status = sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (status != SQLITE_OK)
		return sqlite_failure(handle, status, err);
	return run(database, SETTINGS, err) < 0 ? error_context(err, "'%s'", path) : 0;
}

/* Reads one snapshot; whoever writes meanwhile does not wait. */
static int backup(struct database *database, const char *file, struct error *err)
{
	mode_t before = umask(0077);
	char *sql = sqlite3_mprintf("VACUUM INTO %Q", file);
	int result = sql ? run(database, sql, err) : error_set(err, ERROR_FAILED, "no memory for a backup");

	(void)umask(before);
	sqlite3_free(sql);
	return result;
}

static void close_file(struct database *database)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		(void)sqlite3_finalize(database->prepared[i]);
	(void)sqlite3_close_v2(database->handle);
}

static int revive(struct database *database, struct error *err)
{
	(void)database, (void)err;
	return 0;
}

/* ---- Statements ---- */

static int prepare(struct database *database, enum statement statement, struct error *err)
{
	AUTO(buf) struct buf sql = BUF_INIT(DIALECT_SQL_MOST);
	sqlite3_stmt *prepared = NULL;
	int status;

	if (database->prepared[statement])
		return 0;
	if (dialect_translate(DIALECT_SQLITE, statement_sql(statement), &sql, err) < 0)
		return -1;
	status = sqlite3_prepare_v3(database->handle, buf_text(&sql), -1, SQLITE_PREPARE_PERSISTENT, &prepared, NULL);
	if (status != SQLITE_OK)
		return sqlite_failure(database->handle, status, err);
	database->prepared[statement] = prepared;
	return 0;
}

/* "$1" is a name to SQLite: it gives numbers in the order in which names first stand in the statement. */
static int place_of(sqlite3_stmt *prepared, size_t number)
{
	char name[8];

	(void)sqlite3_snprintf(sizeof(name), name, "$%d", (int)number);
	return sqlite3_bind_parameter_index(prepared, name);
}

static int bind(sqlite3_stmt *prepared, int place, const struct parameter *parameter)
{
	switch (parameter->kind) {
	case PARAMETER_NUMBER:
		return sqlite3_bind_int64(prepared, place, parameter->number);
	case PARAMETER_TEXT:
		return sqlite3_bind_text64(
			prepared, place, parameter->data, parameter->len, SQLITE_STATIC, SQLITE_UTF8);
	default:
		return sqlite3_bind_blob64(prepared, place, parameter->data, parameter->len, SQLITE_STATIC);
	}
}

static int start(struct query *query, struct error *err)
{
	sqlite3_stmt *prepared;
	int status;

	if (prepare(query->database, query->statement, err) < 0)
		return -1;
	prepared = query->database->prepared[query->statement];
	for (size_t i = 0; i < query->count; i++)
		if ((status = bind(prepared, place_of(prepared, i + 1), &query->parameters[i])) != SQLITE_OK)
			return sqlite_failure(query->database->handle, status, err);
	query->state = prepared;
	return 0;
}

static int next(struct query *query, struct error *err)
{
	int status = sqlite3_step(query->state);

	if (status != SQLITE_ROW && status != SQLITE_DONE)
		return sqlite_failure(query->database->handle, status, err);
	query->database->changed = sqlite3_changes64(query->database->handle);
	return status == SQLITE_ROW;
}

static void finish(struct query *query)
{
	if (!query->state)
		return;
	(void)sqlite3_reset(query->state);
	(void)sqlite3_clear_bindings(query->state);
}

static int run_soon(struct query *query, struct error *err)
{
	int row = start(query, err);

	while (row == 0 && (row = next(query, err)) > 0)
		row = 0;
	return row;
}

static int settle(struct database *database, struct error *err)
{
	(void)database, (void)err;
	return 0;
}

/* ---- Rows ---- */

static int64_t number(struct query *query, int column)
{
	return sqlite3_column_int64(query->state, column);
}

static const char *text(struct query *query, int column)
{
	const unsigned char *value = sqlite3_column_text(query->state, column);

	return value ? (const char *)value : "";
}

static const void *bytes(struct query *query, int column, size_t *ret_len)
{
	const void *value = sqlite3_column_blob(query->state, column);

	*ret_len = (size_t)sqlite3_column_bytes(query->state, column);
	return value ? value : "";
}

const struct database_kind database_sqlite = {
	.dialect = DIALECT_SQLITE,
	.open = open_file,
	.close = close_file,
	.revive = revive,
	.backup = backup,
	.run = run,
	.start = start,
	.next = next,
	.run_soon = run_soon,
	.settle = settle,
	.finish = finish,
	.number = number,
	.text = text,
	.bytes = bytes,
};
