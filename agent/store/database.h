/* SQLite behind a small door: a connection with the settings a terminal needs, and prepared statements. database.c is
 * the one file that knows SQLite's header. */
#ifndef AGENT_STORE_DATABASE_H
#define AGENT_STORE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/error.h"

struct database;
struct query;

/* Opens or makes the file, readable by its owner alone. Nothing is written or read yet. Errors, here and below:
 * ERROR_BUSY after 10 seconds of waiting for another process, ERROR_NO_SPACE, ERROR_DAMAGED where the file is no
 * sound database. */
WARN_UNUSED int database_open(const char *path, struct database **ret_database, struct error *err);
void database_close(struct database *database);
DEFINE_AUTO_PTR(database, struct database, database_close);
/* From now on database_close() leaves the file exactly as it is. */
void database_leave_alone(struct database *database);

/* Runs statements that give no rows. They are constants, or made of numbers alone. */
WARN_UNUSED int database_run(struct database *database, const char *sql, struct error *err);
/* The same for taking back: what cannot be taken back is taken back by SQLite when the file is opened again. */
void database_undo(struct database *database, const char *sql);
/* The one number that SQL gives. */
WARN_UNUSED int database_number(struct database *database, const char *sql, int64_t *ret_number, struct error *err);
bool database_in_transaction(struct database *database);
/* Gives back the memory in which pages of the file are kept; they are read again when they are asked for. */
void database_rest(struct database *database);
/* Rows that the last statement changed. */
int64_t database_changes(struct database *database);

/* A statement at work. Parameters and columns count as SQLite counts them: from 1 and from 0.
 *
 * NULL on failure, and ERR says why. Whoever made it need not look: binding to NULL does nothing, and going to its next
 * row or running it fails and leaves ERR as it is. */
struct query *query_new(struct database *database, const char *sql, struct error *err);
void query_free(struct query *query);
DEFINE_AUTO_PTR(query, struct query, query_free);
void query_bind_text(struct query *query, int parameter, const char *text); /* NULL stands for "" */
void query_bind_number(struct query *query, int parameter, int64_t number);
/* Goes to the next row; *RET_ROW tells if there is one. */
WARN_UNUSED int query_step(struct query *query, bool *ret_row, struct error *err);
/* The same in one number, for loops: 1 for a row, 0 where there is none left, -1 on failure. */
WARN_UNUSED int query_next(struct query *query, struct error *err);
/* Runs a statement that gives no rows. */
WARN_UNUSED int query_run(struct query *query, struct error *err);
int64_t query_number(struct query *query, int column);
/* Cut to SIZE at the end of a character; "" for NULL. */
void query_text(struct query *query, int column, char *ret_text, size_t size);
/* The same without a limit; borrowed until the next step. */
const char *query_whole_text(struct query *query, int column);

#endif
