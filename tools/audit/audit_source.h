/* Where a log's files are read: in a folder, or at an address, by the program curl. Nothing is written. */
#ifndef TOOLS_AUDIT_AUDIT_SOURCE_H
#define TOOLS_AUDIT_AUDIT_SOURCE_H

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/fs.h"
#include "common/process.h"
#include "ledger/tree/tile.h"

struct audit_source {
	struct tile_store store; /* reads, and has no write */
	struct fs fs;
	struct processes processes;
	const char *place; /* borrowed */
	int dir_fd;	   /* -1 for an address */
};

/* PLACE is a folder, or begins with http:// or https://. STORE stays valid where the struct does. */
WARN_UNUSED int audit_source_open(struct audit_source *source, const char *place, struct error *err);
void audit_source_close(struct audit_source *source);
DEFINE_AUTO(audit_source, struct audit_source, audit_source_close);

/* Appends what is served as the newest checkpoint. */
WARN_UNUSED int audit_source_checkpoint(struct audit_source *source, struct buf *ret_note, struct error *err);

#endif
