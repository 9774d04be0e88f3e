/* A database behind a small door: SQLite in a file (database_sqlite.c) or PostgreSQL (database_postgres.c). Nobody
 * above knows which it is.
 *
 * A connection belongs to one thread. Errors, here and below: ERROR_BUSY after 10 seconds of waiting for others,
 * ERROR_NO_SPACE, ERROR_DAMAGED, ERROR_NETWORK where PostgreSQL is not there (the next database_begin() tries
 * anew). */
#ifndef COLLECTOR_STORE_DATABASE_H
#define COLLECTOR_STORE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/store/dialect.h"
#include "collector/store/statements.h"
#include "common/auto.h"
#include "common/error.h"

struct database;
struct query;

/* Opens "postgresql://...", or makes or opens a file, readable by its owner alone. */
WARN_UNUSED int database_open(const char *url, struct database **ret_database, struct error *err);
void database_close(struct database *database);
DEFINE_AUTO_PTR(database, struct database, database_close);
enum dialect database_dialect(const struct database *database);

/* A server that says nothing for so long is taken for gone (ERROR_NETWORK); a minute unless said otherwise. */
void database_set_patience(struct database *database, int64_t most_ms);

/* This connection keeps so much of the store in memory, for whom less than the usual does; of no effect for PostgreSQL. */
WARN_UNUSED int database_bound_cache(struct database *database, unsigned kib, struct error *err);

/* Copies all of it as it is at this moment into FILE, while others go on: an SQLite file, or what pg_restore reads. Durable when
 * it returns 0; a file that is there is replaced then, and left alone on failure. */
WARN_UNUSED int database_backup(struct database *database, const char *file, struct error *err);

/* Runs statements that give no rows: constants with words of the dialect, or made of numbers alone. */
WARN_UNUSED int database_run(struct database *database, const char *sql, struct error *err);

/* Makes sure that there is a connection: for statements outside a transaction. */
WARN_UNUSED int database_revive(struct database *database, struct error *err);

/* A transaction that may write. Where PostgreSQL was gone, this asks for it again. */
WARN_UNUSED int database_begin(struct database *database, struct error *err);
/* One that only reads, and sees the store as it is at its first statement, whatever others write meanwhile. Ended by
 * database_undo(). */
WARN_UNUSED int database_begin_reading(struct database *database, struct error *err);
/* When it returns 0, what was done is durable. */
WARN_UNUSED int database_commit(struct database *database, struct error *err);
/* Takes back; of no effect where nothing is under way. */
void database_undo(struct database *database);

/* A statement with its parameters, one after the other; borrowed texts and bytes live until it runs. Only one
 * query of the same statement is under way at a time. NULL on failure, and ERR says why; whoever made it need not
 * look: all the calls below accept NULL, and running it then fails and leaves ERR as it is. */
struct query *query_new(struct database *database, enum statement statement, struct error *err);
void query_free(struct query *query);
DEFINE_AUTO_PTR(query, struct query, query_free);
void query_number(struct query *query, int64_t number);
void query_text(struct query *query, const char *text); /* NULL stands for "" */
void query_bytes(struct query *query, const void *bytes, size_t len);

/* Goes to the first row or the next: 1 for a row, 0 where there is none left, -1 on failure. */
WARN_UNUSED int query_next(struct query *query, struct error *err);
/* Runs a statement that gives no rows. */
WARN_UNUSED int query_run(struct query *query, struct error *err);
/* The same within a transaction, but its failure may show only at query_run(), query_next() or database_commit():
 * so that many of them do not wait for the network one by one. */
WARN_UNUSED int query_run_soon(struct query *query, struct error *err);
/* Rows that the last query_run() changed. */
int64_t database_changed(const struct database *database);

/* Of the row at hand; columns count from 0. Text and bytes are borrowed until the next row. NULL reads as 0 and
 * "". */
int64_t row_number(struct query *query, int column);
const char *row_text(struct query *query, int column);
const void *row_bytes(struct query *query, int column, size_t *ret_len);
/* Copies, cut to SIZE at the end of a character. */
void row_copy(struct query *query, int column, char *ret_text, size_t size);

/* The one number that a statement with one number as its parameter gives; 0 where it gives no row. */
WARN_UNUSED int database_number(struct database *database, enum statement statement, int64_t parameter,
	int64_t *ret_number, struct error *err);

#endif
