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

/* STORE reads and writes through FILES, which must stay where it is. A file that is written is durable, and so is each
 * folder made for it; a reader sees the old bytes or the new. */
void ledger_files_init(struct ledger_files *ret_files, struct fs *fs, int dir_fd);

/* Removes the partial forms of a tile whose full form is there; where that fails they stay, which harms nobody. */
void ledger_files_drop_partial(struct ledger_files *files, const struct tile *tile);

#endif
