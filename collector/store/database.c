#include "collector/store/database.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/database_kind.h"
#include "common/fs.h"
#include "common/text.h"

/* Longer than a statement may take by itself (statement_timeout). */
#define PATIENCE_MS 70000

void database_set_patience(struct database *database, int64_t most_ms)
{
	database->patience_ms = most_ms;
}

int database_open(const char *url, struct database **ret_database, struct error *err)
{
	AUTO(database) struct database *database = calloc(1, sizeof(*database));

	if (!database)
		return error_set(err, ERROR_FAILED, "no memory for the store");
	database->kind =
		strncmp(url, "postgres", 8) == 0 && strstr(url, "://") ? &database_postgres : &database_sqlite;
	database->patience_ms = PATIENCE_MS;
	if (database->kind->open(database, url, err) < 0)
		return error_context(err, "store");
	*ret_database = take_ptr(&database);
	return 0;
}

void database_close(struct database *database)
{
	if (!database)
		return;
	database->kind->close(database);
	free(database);
}

enum dialect database_dialect(const struct database *database)
{
	return database->kind->dialect;
}

/* A name beside it first: what is cut short looks like no backup. */
int database_backup(struct database *database, const char *file, struct error *err)
{
	AUTO(fd) int fd = -1;
	char draft[4096];
	struct fs fs;

	fs_init(&fs);
	if (snprintf(draft, sizeof(draft), "%s.part", file) >= (int)sizeof(draft))
		return error_set(err, ERROR_USAGE, "the backup's path is too long");
	if (fs_exists(&fs, AT_FDCWD, draft) && fs_remove(&fs, AT_FDCWD, draft, err) < 0)
		return -1;
	if (database->kind->backup(database, draft, err) < 0 ||
		(fd = fs_open(&fs, AT_FDCWD, draft, O_RDONLY, err)) < 0 || fs_sync_file(&fs, fd, draft, err) < 0 ||
		fs_rename(&fs, AT_FDCWD, draft, file, err) < 0) {
		if (fs_exists(&fs, AT_FDCWD, draft) && fs_remove(&fs, AT_FDCWD, draft, NULL) < 0)
			return error_context(err, "backup, of which '%s' is left", draft);
		return error_context(err, "backup to '%s'", file);
	}
	return 0;
}

int database_run(struct database *database, const char *sql, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(DIALECT_SQL_MOST);

	if (dialect_translate(database->kind->dialect, sql, &text, err) < 0 ||
		database->kind->settle(database, err) < 0)
		return -1;
	return database->kind->run(database, buf_text(&text), err);
}

int database_bound_cache(struct database *database, unsigned kib, struct error *err)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "PRAGMA cache_size = -%u", kib);
	return database->kind->dialect == DIALECT_SQLITE ? database_run(database, sql, err) : 0;
}

int database_revive(struct database *database, struct error *err)
{
	return database->kind->revive(database, err);
}

/* ---- Transactions ---- */

static int try_begin(struct database *database, const char *sql, struct error *err)
{
	return database->kind->revive(database, err) < 0 ? -1 : database->kind->run(database, sql, err);
}

/* A connection that was lost while nobody used it shows only now: then a new one may do. */
static int begin(struct database *database, const char *sql, struct error *err)
{
	struct error first = {0};

	assert(!database->in_transaction);
	if (try_begin(database, sql, &first) < 0) {
		if (first.code != ERROR_NETWORK)
			return error_set(err, first.code, "%s", first.text);
		if (try_begin(database, sql, err) < 0)
			return -1;
	}
	database->in_transaction = true;
	return 0;
}

int database_begin(struct database *database, struct error *err)
{
	return begin(database, database->kind->dialect == DIALECT_SQLITE ? "BEGIN IMMEDIATE" : "BEGIN", err);
}

int database_begin_reading(struct database *database, struct error *err)
{
	return begin(database,
		database->kind->dialect == DIALECT_SQLITE ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ", err);
}

int database_commit(struct database *database, struct error *err)
{
	if (database->kind->settle(database, err) < 0 || database->kind->run(database, "COMMIT", err) < 0) {
		database_undo(database);
		return -1;
	}
	database->in_transaction = false;
	return 0;
}

void database_undo(struct database *database)
{
	struct error ignored;

	if (!database->in_transaction)
		return;
	database->in_transaction = false;
	(void)(database->kind->settle(database, &ignored) + database->kind->run(database, "ROLLBACK", &ignored));
}

/* ---- Statements ---- */

struct query *query_new(struct database *database, enum statement statement, struct error *err)
{
	struct query *query = malloc(sizeof(*query));

	if (!query) {
		(void)error_set(err, ERROR_FAILED, "no memory for a statement of the store");
		return NULL;
	}
	query->database = database;
	query->statement = statement;
	query->count = 0;
	query->is_running = false;
	query->state = NULL;
	return query;
}

void query_free(struct query *query)
{
	if (!query)
		return;
	query->database->kind->finish(query);
	free(query);
}

static void add_parameter(struct query *query, struct parameter parameter)
{
	if (!query)
		return;
	assert(query->count < PARAMETERS_MOST);
	query->parameters[query->count++] = parameter;
}

void query_number(struct query *query, int64_t number)
{
	add_parameter(query, (struct parameter){.kind = PARAMETER_NUMBER, .number = number});
}

void query_text(struct query *query, const char *text)
{
	text = text ? text : "";
	add_parameter(query, (struct parameter){.kind = PARAMETER_TEXT, .data = text, .len = strlen(text)});
}

void query_bytes(struct query *query, const void *bytes, size_t len)
{
	add_parameter(query, (struct parameter){.kind = PARAMETER_BYTES, .data = bytes, .len = len});
}

int query_next(struct query *query, struct error *err)
{
	if (!query) /* it could not be made, and ERR says why */
		return -1;
	if (!query->is_running && (query->database->kind->settle(query->database, err) < 0 ||
					  query->database->kind->start(query, err) < 0))
		return -1;
	query->is_running = true;
	return query->database->kind->next(query, err);
}

int query_run(struct query *query, struct error *err)
{
	int row;

	while ((row = query_next(query, err)) > 0)
		;
	return row;
}

int query_run_soon(struct query *query, struct error *err)
{
	if (!query)
		return -1;
	assert(query->database->in_transaction);
	return query->database->kind->run_soon(query, err);
}

int64_t database_changed(const struct database *database)
{
	return database->changed;
}

/* ---- Rows ---- */

int64_t row_number(struct query *query, int column)
{
	return query->database->kind->number(query, column);
}

const char *row_text(struct query *query, int column)
{
	return query->database->kind->text(query, column);
}

const void *row_bytes(struct query *query, int column, size_t *ret_len)
{
	return query->database->kind->bytes(query, column, ret_len);
}

void row_copy(struct query *query, int column, char *ret_text, size_t size)
{
	const char *text = row_text(query, column);
	size_t whole = strlen(text), len = whole < size ? whole : 0, next;

	while (len < whole && (next = text_character_length(text + len)) > 0 && len + next < size)
		len += next;
	memcpy(ret_text, text, len);
	ret_text[len] = '\0';
}

int database_number(struct database *database, enum statement statement, int64_t parameter, int64_t *ret_number,
	struct error *err)
{
	AUTO(query) struct query *query = query_new(database, statement, err);
	int row;

	query_number(query, parameter);
	if ((row = query_next(query, err)) < 0)
		return -1;
	*ret_number = row ? row_number(query, 0) : 0;
	return 0;
}
