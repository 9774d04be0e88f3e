#include "tools/witness/witness_store.h"

#include <stdlib.h>
#include <string.h>

#include "agent/store/database.h"

#define SETTINGS "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
#define SCHEMA                                                                                                       \
	"CREATE TABLE IF NOT EXISTS cosigned ("                                                                      \
	"origin TEXT PRIMARY KEY, "                                                                                  \
	"note TEXT NOT NULL" /* the checkpoint, with the log's signatures and ours */                                \
	") WITHOUT ROWID"

struct witness_store {
	struct database *database;
	bool in_transaction;
};

struct witness_store *witness_store_open(const char *path, struct error *err)
{
	AUTO(witness_store) struct witness_store *store = calloc(1, sizeof(*store));

	if (!store) {
		(void)error_set(err, ERROR_FAILED, "no memory for the store");
		return NULL;
	}
	if (database_open(path, &store->database, err) < 0 || database_run(store->database, SETTINGS, err) < 0 ||
		database_run(store->database, SCHEMA, err) < 0) {
		(void)error_context(err,
			err->code == ERROR_DAMAGED
				? "what was cosigned is no longer known, as '%s' is damaged: put a copy that is not "
				  "older in its place, or make a new key under a new name"
				: "store '%s'",
			path);
		return NULL;
	}
	return take_ptr(&store);
}

void witness_store_close(struct witness_store *store)
{
	if (!store)
		return;
	witness_store_undo(store);
	database_close(store->database);
	free(store);
}

int witness_store_begin(struct witness_store *store, struct error *err)
{
	if (database_run(store->database, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	store->in_transaction = true;
	return 0;
}

int witness_store_commit(struct witness_store *store, struct error *err)
{
	if (database_run(store->database, "COMMIT", err) < 0)
		return -1;
	store->in_transaction = false;
	return 0;
}

void witness_store_undo(struct witness_store *store)
{
	if (store->in_transaction)
		database_undo(store->database, "ROLLBACK");
	store->in_transaction = false;
}

int witness_store_load(struct witness_store *store, const char *origin, struct buf *ret_note, struct error *err)
{
	AUTO(query)
	struct query *query = query_new(store->database, "SELECT note FROM cosigned WHERE origin = ?1", err);
	const char *note;
	int row;

	query_bind_text(query, 1, origin);
	if ((row = query_next(query, err)) <= 0)
		return row;
	note = query_whole_text(query, 0);
	return buf_append(ret_note, note, strlen(note), err);
}

int witness_store_save(struct witness_store *store, const char *origin, const char *note, struct error *err)
{
	AUTO(query)
	struct query *query = query_new(store->database,
		"INSERT INTO cosigned (origin, note) VALUES (?1, ?2) ON CONFLICT (origin) DO UPDATE SET note = ?2",
		err);

	query_bind_text(query, 1, origin);
	query_bind_text(query, 2, note);
	return query_run(query, err);
}
