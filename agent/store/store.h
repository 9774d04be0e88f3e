/* The store: one SQLite file that is the truth about why (the disk is the truth about what is current). WAL,
 * synchronous FULL, every change in one transaction with the history row that tells of it. Several processes may have
 * it open; a writer waits for another up to 10 seconds, then ERROR_BUSY.
 *
 * Only database.c knows SQLite's header; statements.def holds all SQL but the schema. docs/store.md describes the
 * tables. */
#ifndef AGENT_STORE_STORE_H
#define AGENT_STORE_STORE_H

#include "agent/store/record.h"
#include "common/auto.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/fs.h"

/* Opens or makes STATE.db at PATH (mode 0600) and brings its schema up to date, each step in one transaction.
 * ERROR_DAMAGED: the file is not a sound store; ERROR_STORE_NEWER: a newer haishin made it. CLOCK is asked for the time and
 * boot id of each history row; borrowed. */
WARN_UNUSED int store_open(const char *path, const struct clock *clock, struct store **ret_store, struct error *err);

void store_close(struct store *store);
DEFINE_AUTO_PTR(store, struct store, store_close);

/* What is kept in memory of the file is given back, and read again when it is asked for: for a process that is going to wait. */
void store_rest(struct store *store);

/* Several changes that happen together or not at all. A transaction inside another is a part of it: committed, it
 * becomes durable with the outermost; rolled back, it alone is undone. Functions of the store that change it open
 * their own. */
WARN_UNUSED int store_begin(struct store *store, struct error *err);
WARN_UNUSED int store_commit(struct store *store, struct error *err); /* rolls back where it fails */
void store_roll_back(struct store *store); /* the innermost; does nothing outside a transaction */
/* Commits where RESULT is 0, rolls back where it is -1 (ERR says why already); returns -1 for both kinds of failure.
 */
WARN_UNUSED int store_end(struct store *store, int result, struct error *err);

/* SQLite's own integrity check. ERROR_DAMAGED with its first line. */
WARN_UNUSED int store_check(struct store *store, struct error *err);

/* A number that is another one after another process has changed the store. */
WARN_UNUSED int store_changes_of_others(struct store *store, int64_t *ret_number, struct error *err);

/* Small things that outlive the process: text by name, appended to RET_VALUE; nothing is where it was never set. */
WARN_UNUSED int store_setting(struct store *store, const char *name, struct buf *ret_value, struct error *err);
WARN_UNUSED int store_set_setting(struct store *store, const char *name, const char *value, struct error *err);
WARN_UNUSED int store_drop_setting(struct store *store, const char *name, struct error *err);

/* The same for numbers; 0 where it was never set, and for a text that is no number. */
WARN_UNUSED int store_number(struct store *store, const char *name, int64_t *ret_number, struct error *err);
WARN_UNUSED int store_set_number(struct store *store, const char *name, int64_t number, struct error *err);

/* 32 bytes that only this terminal knows, made at the first call. Spreads the fleet over the night. */
WARN_UNUSED int store_terminal_secret(struct store *store, uint8_t ret_secret[static 32], struct error *err);
/* Another one in its place. */
WARN_UNUSED int store_renew_terminal_secret(struct store *store, struct error *err);

/* ---- For store_rebuild.c ---- */

/* The file beside the store that all who have it open lock, shared; whoever sets it aside wants it alone. Returns
 * its descriptor. */
WARN_UNUSED int store_open_lock(const char *path, struct error *err);
/* OPERATION as flock(2) takes it. ERROR_BUSY where it was not to wait. */
WARN_UNUSED int store_lock(int lock_fd, int operation, struct error *err);
/* Opens it under the lock, which becomes the store's on success. */
WARN_UNUSED int store_open_locked(
	const char *path, const struct clock *clock, int *take_lock_fd, struct store **ret_store, struct error *err);

#endif
