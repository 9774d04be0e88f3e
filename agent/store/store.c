#include "agent/store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "agent/store/store_query.h"
#include "agent/store/store_schema.h"
#include "common/fs.h"
#include "common/hex.h"

#define PATH_LIMIT 4096
#define SECRET_SIZE 32
#define SETTING_SECRET "terminal_secret"

/* A cache of 256 KiB: the resident agent is to stay small. */
static const char settings_before[] = "PRAGMA cache_size = -256; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON";
static const char settings_after[] =
	"PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 1048576";

int store_open_lock(const char *path, struct error *err)
{
	struct fs fs = {0}; /* a lock holds nothing that could be lost */
	char lock[PATH_LIMIT];

	if (snprintf(lock, sizeof(lock), "%s.lock", path) >= (int)sizeof(lock))
		return error_set(err, ERROR_USAGE, "path of the store is too long");
	return fs_open_lock(&fs, AT_FDCWD, lock, err);
}

int store_lock(int fd, int operation, struct error *err)
{
	while (flock(fd, operation) < 0) {
		if (errno == EWOULDBLOCK)
			return error_set(err, ERROR_BUSY, "another process has it open");
		if (errno != EINTR)
			return error_system(err, errno, "cannot lock the store");
	}
	return 0;
}

static int start_wal(struct database *database, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, "PRAGMA journal_mode = WAL", err);
	bool row;

	if (query_step(query, &row, err) < 0)
		return -1;
	if (!row || strcmp(query_whole_text(query, 0), "wal") != 0)
		return error_set(
			err, ERROR_FAILED, "this disk cannot hold a write-ahead log; choose another state folder");
	return 0;
}

static int check_database(struct database *database, const char *pragma, struct error *err)
{
	AUTO(query) struct query *query = query_new(database, pragma, err);
	char finding[STORE_TEXT_SIZE];
	bool row;

	if (query_step(query, &row, err) < 0)
		return -1;
	if (!row)
		return error_set(err, ERROR_DAMAGED, "the store cannot be checked");
	record_text(query_whole_text(query, 0), finding, sizeof(finding));
	if (strcmp(finding, "ok") != 0)
		return error_set(err, ERROR_DAMAGED, "the store is damaged: %s", finding);
	return 0;
}

/* Every statement that will ever run must make sense here. */
static int check_statements(struct database *database, struct error *err)
{
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		AUTO(query) struct query *query = query_new(database, statement_sql((enum statement)i), err);

		if (!query)
			return error_context(err, "its tables are not those of its version");
	}
	return 0;
}

/* The order matters: a store that is too new is recognised before anything is written. */
static int prepare(struct database *database, struct error *err)
{
	if (database_run(database, settings_before, err) < 0 ||
		check_database(database, "PRAGMA quick_check(1)", err) < 0)
		return -1;
	if (store_schema_check(database, store_schema_newest, err) < 0 || start_wal(database, err) < 0 ||
		database_run(database, settings_after, err) < 0 ||
		store_schema_update(database, store_schema_newest, err) < 0)
		return -1;
	return check_statements(database, err);
}

/* SQLite takes a file without a byte for a new database: records that were lost would be begun anew without a word. */
static int check_length(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) == 0 && st.st_size == 0)
		return error_set(err, ERROR_DAMAGED, "the store '%s' is empty", path);
	return 0;
}

int store_open_locked(
	const char *path, const struct clock *clock, int *take_lock_fd, struct store **ret_store, struct error *err)
{
	AUTO(database) struct database *database = NULL;
	struct store *store;

	if (check_length(path, err) < 0 || database_open(path, &database, err) < 0)
		return -1;
	if (prepare(database, err) < 0) {
		database_leave_alone(database);
		return error_context(err, "'%s'", path);
	}
	if (!(store = calloc(1, sizeof(*store))))
		return error_set(err, ERROR_FAILED, "no memory for the store");
	store->database = take_ptr(&database);
	store->clock = clock;
	store->lock_fd = take_fd(take_lock_fd);
	*ret_store = store;
	return 0;
}

int store_open(const char *path, const struct clock *clock, struct store **ret_store, struct error *err)
{
	AUTO(fd) int lock_fd = -1;

	if ((lock_fd = store_open_lock(path, err)) < 0 || store_lock(lock_fd, LOCK_SH, err) < 0)
		return -1;
	return store_open_locked(path, clock, &lock_fd, ret_store, err);
}

void store_rest(struct store *store)
{
	database_rest(store->database);
}

void store_close(struct store *store)
{
	if (!store)
		return;
	assert(store->depth == 0);
	database_close(store->database);
	(void)close(store->lock_fd);
	free(store);
}

int store_check(struct store *store, struct error *err)
{
	return check_database(store->database, "PRAGMA integrity_check(1)", err);
}

/* ---- Transactions ---- */

int store_begin(struct store *store, struct error *err)
{
	if (database_run(store->database, store->depth ? "SAVEPOINT part" : "BEGIN IMMEDIATE", err) < 0)
		return -1;
	store->depth++;
	return 0;
}

int store_commit(struct store *store, struct error *err)
{
	assert(store->depth > 0);
	if (!database_in_transaction(store->database)) {
		store_roll_back(store);
		return error_set(err, ERROR_FAILED, "store: the transaction was given up after an error");
	}
	if (database_run(store->database, store->depth > 1 ? "RELEASE part" : "COMMIT", err) < 0) {
		store_roll_back(store);
		return -1;
	}
	store->depth--;
	return 0;
}

void store_roll_back(struct store *store)
{
	if (store->depth == 0)
		return;
	store->depth--;
	if (database_in_transaction(store->database)) /* an error such as a full disk may have ended it */
		database_undo(store->database, store->depth ? "ROLLBACK TO part; RELEASE part" : "ROLLBACK");
}

int store_end(struct store *store, int result, struct error *err)
{
	if (result == 0)
		return store_commit(store, err);
	store_roll_back(store);
	return -1;
}

/* ---- Settings ---- */

int store_changes_of_others(struct store *store, int64_t *ret_number, struct error *err)
{
	return database_number(store->database, "PRAGMA data_version", ret_number, err);
}

int store_setting(struct store *store, const char *name, struct buf *ret_value, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_SETTING_GET, err);
	const char *value;
	bool row;

	query_bind_text(query, 1, name);
	if (query_step(query, &row, err) < 0)
		return -1;
	if (!row)
		return 0;
	value = query_whole_text(query, 0);
	return buf_append(ret_value, value, strlen(value), err);
}

int store_set_setting(struct store *store, const char *name, const char *value, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_SETTING_PUT, err);

	query_bind_text(query, 1, name);
	query_bind_text(query, 2, value);
	return query_run(query, err);
}

int store_drop_setting(struct store *store, const char *name, struct error *err)
{
	AUTO(query) struct query *query = store_query(store, STATEMENT_SETTING_DROP, err);

	query_bind_text(query, 1, name);
	return query_run(query, err);
}

int store_number(struct store *store, const char *name, int64_t *ret_number, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(32);

	if (store_setting(store, name, &text, err) < 0)
		return -1;
	*ret_number = strtoll(buf_text(&text), NULL, 10);
	return 0;
}

int store_set_number(struct store *store, const char *name, int64_t number, struct error *err)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%" PRId64, number);
	return store_set_setting(store, name, text, err);
}

static int make_secret(struct store *store, struct error *err)
{
	char text[2 * SECRET_SIZE + 1];
	uint8_t secret[SECRET_SIZE];
	int result;

	if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
		return error_system(err, errno, "no random bytes for the terminal's secret");
	hex_encode(secret, sizeof(secret), text);
	result = store_set_setting(store, SETTING_SECRET, text, err);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(secret, sizeof(secret));
	return result;
}

int store_renew_terminal_secret(struct store *store, struct error *err)
{
	return make_secret(store, err);
}

/* *RET_FOUND is false before there is one. */
static int read_secret(
	struct store *store, uint8_t ret_secret[static SECRET_SIZE], bool *ret_found, struct error *err)
{
	AUTO(secret) struct buf text = BUF_INIT(2 * SECRET_SIZE);

	*ret_found = false;
	if (store_setting(store, SETTING_SECRET, &text, err) < 0)
		return -1;
	if (!(*ret_found = text.len))
		return 0;
	if (hex_decode(buf_text(&text), ret_secret, SECRET_SIZE, err) < 0)
		return error_context(err, "the terminal's secret");
	return 0;
}

/* Another process may have made it since it was looked for. */
static int make_secret_once(struct store *store, uint8_t ret_secret[static SECRET_SIZE], struct error *err)
{
	bool found;

	if (read_secret(store, ret_secret, &found, err) < 0)
		return -1;
	if (found)
		return 0;
	return make_secret(store, err) < 0 ? -1 : read_secret(store, ret_secret, &found, err);
}

int store_terminal_secret(struct store *store, uint8_t ret_secret[static 32], struct error *err)
{
	struct error failed = {0};
	bool found;

	if (read_secret(store, ret_secret, &found, &failed) == 0 && found)
		return 0;
	if (store_begin(store, err) < 0)
		return -1;
	return store_end(store, make_secret_once(store, ret_secret, err), err);
}
