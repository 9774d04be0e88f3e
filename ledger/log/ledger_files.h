/* A ledger's tiles as files below a folder, as any web server may serve them. */
#ifndef LEDGER_LOG_LEDGER_FILES_H
#define LEDGER_LOG_LEDGER_FILES_H

#include "common/error.h"
#include "common/fs.h"
#include "ledger/tree/tile.h"

struct ledger_files {
	struct fs *fs;
	int dir_fd; /* the folder; owned by the caller */
	struct tile_store store;
};

/* STORE reads and writes through FILES, which must stay where it is. A reader sees the old bytes of a file or the new; a
 * power cut before ledger_files_sync() may leave those that were written in part, or empty. */
void ledger_files_init(struct ledger_files *ret_files, struct fs *fs, int dir_fd);

/* Makes all files that were written durable, with their folders, in one flush of the file system. */
WARN_UNUSED int ledger_files_sync(struct ledger_files *files, struct error *err);

/* Removes the partial forms of a tile whose full form is there; where that fails they stay, which harms nobody. */
void ledger_files_drop_partial(struct ledger_files *files, const struct tile *tile);

#endif
