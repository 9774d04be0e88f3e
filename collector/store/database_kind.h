/* What each database gives to database.c. */
#ifndef COLLECTOR_STORE_DATABASE_KIND_H
#define COLLECTOR_STORE_DATABASE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/store/dialect.h"
#include "collector/store/statements.h"
#include "common/error.h"

#define PARAMETERS_MOST 32

struct parameter {
	enum { PARAMETER_NUMBER, PARAMETER_TEXT, PARAMETER_BYTES } kind;
	int64_t number;
	const void *data;
	size_t len;
};

struct query {
	struct database *database;
	enum statement statement;
	struct parameter parameters[PARAMETERS_MOST];
	size_t count;
	bool is_running; /* it gave its first row, or had none to give */
	void *state;	 /* of the database */
};

struct database_kind {
	enum dialect dialect;
	int (*open)(struct database *database, const char *url, struct error *err);
	void (*close)(struct database *database);
	/* Makes sure that there is a connection. */
	int (*revive)(struct database *database, struct error *err);
	int (*backup)(struct database *database, const char *file, struct error *err); /* FILE is new */
	int (*run)(struct database *database, const char *sql, struct error *err);
	int (*start)(struct query *query, struct error *err); /* with its parameters */
	int (*next)(struct query *query, struct error *err);  /* as query_next */
	int (*run_soon)(struct query *query, struct error *err);
	int (*settle)(struct database *database, struct error *err); /* waits for those that ran soon */
	void (*finish)(struct query *query);
	int64_t (*number)(struct query *query, int column);
	const char *(*text)(struct query *query, int column);
	const void *(*bytes)(struct query *query, int column, size_t *ret_len);
};

extern const struct database_kind database_sqlite, database_postgres;

struct database {
	const struct database_kind *kind;
	void *handle;			 /* the connection */
	void *prepared[STATEMENT_COUNT]; /* NULL: not yet */
	bool in_transaction;
	int64_t patience_ms; /* as database_set_patience */
	int64_t changed;
	size_t waiting; /* those that ran soon and were not settled */
};

#endif
