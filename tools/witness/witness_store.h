/* What a witness has cosigned: for each log the newest checkpoint, in one SQLite file. Who changes it looks at it and
 * writes it in one transaction; what is committed survives a power cut. */
#ifndef TOOLS_WITNESS_WITNESS_STORE_H
#define TOOLS_WITNESS_WITNESS_STORE_H

#include <stdbool.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "ledger/note/span.h"

struct witness_store;

/* Opens or makes the file, readable by its owner alone. NULL on failure. */
struct witness_store *witness_store_open(const char *path, struct error *err);
void witness_store_close(struct witness_store *store);
DEFINE_AUTO_PTR(witness_store, struct witness_store, witness_store_close);

/* Begins a transaction that keeps others from writing; ERROR_BUSY where one of them does so for too long. */
WARN_UNUSED int witness_store_begin(struct witness_store *store, struct error *err);
/* When it returns 0, what was written is durable. */
WARN_UNUSED int witness_store_commit(struct witness_store *store, struct error *err);
/* Takes back; of no effect where nothing is under way. */
void witness_store_undo(struct witness_store *store);

/* Appends the note that was cosigned last for this log; nothing where none was. */
WARN_UNUSED int witness_store_load(
	struct witness_store *store, const char *origin, struct buf *ret_note, struct error *err);
WARN_UNUSED int witness_store_save(
	struct witness_store *store, const char *origin, const char *note, struct error *err);

#endif
