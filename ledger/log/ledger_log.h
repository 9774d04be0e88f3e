/* An append-only log (c2sp.org/tlog-tiles) over a folder of static files:
 *
 *   tile/...            hashes and entries
 *   checkpoint          what is served: signed, with the cosignatures that were had
 *   checkpoint.newest   the newest that was ever signed, kept before anybody sees it
 *   .lock               held by whoever appends
 *
 * It never signs two checkpoints that contradict each other: entries and tiles are durable before a checkpoint over them
 * is signed; that is durable before ledger_log_append() returns; and who opens the ledger after a crash goes on from it.
 * A folder put back from a backup looks like any other from inside: the witnesses see it (their answer 409 names a size
 * above ours), and who appends must then stop.
 *
 * Memory does not grow with the log. */
#ifndef LEDGER_LOG_LEDGER_LOG_H
#define LEDGER_LOG_LEDGER_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "common/auto.h"
#include "common/buf.h"
#include "common/error.h"
#include "common/fs.h"
#include "ledger/note/checkpoint.h"
#include "ledger/note/span.h"
#include "ledger/note/vkey.h"
#include "ledger/tree/merkle.h"
#include "manifests/keys/signer.h"

#define LEDGER_LOG_MAX_BATCH 4096 /* entries that become leaves together */

/* All is borrowed while the log is open. */
struct ledger_place {
	struct fs *fs;
	const char *folder; /* absolute */
	const char *origin; /* the log's name, such as "ledger.example.jp/2026" */
	const struct signer *signer;
	/* Asked right before each checkpoint is signed: 0 if this process may still append (it holds the lease in its
	 * database, say); -1 with ERR, and nothing is signed. NULL: it always may. */
	int (*may_sign)(void *context, struct error *err);
	void *context;
};

struct ledger_log;

/* Begins an empty log in a folder, made where it is missing. ERROR_USAGE where a log is there already. To begin anew under
 * an origin that has had a log contradicts what was signed before: its witnesses will refuse. */
WARN_UNUSED int ledger_log_create(const struct ledger_place *place, struct error *err);

/* Opens the log to append. NULL on failure: ERROR_BUSY where another process has it open; ERROR_NOT_FOUND where no log was
 * begun; ERROR_DAMAGED where the files do not make up the tree that was signed, or another key signed it. */
struct ledger_log *ledger_log_open(const struct ledger_place *place, struct error *err);

/* Appends entries, each of at most TILE_ENTRY_MAX_BYTES, at most LEDGER_LOG_MAX_BATCH, in one step, and signs the new
 * checkpoint: the first has index RET_FIRST. ERROR_USAGE, with nothing done, beyond these limits. After any other failure
 * the log takes nothing more: close and open it to learn whether the batch is in it. */
WARN_UNUSED int ledger_log_append(
	struct ledger_log *log, const struct span *entries, size_t count, uint64_t *ret_first, struct error *err);

/* The newest checkpoint, as numbers and as the note that was signed. Borrowed, and true until the next append. */
const struct checkpoint *ledger_log_newest(const struct ledger_log *log);
struct span ledger_log_newest_note(const struct ledger_log *log);
const struct vkey *ledger_log_key(const struct ledger_log *log);

/* Serves the newest checkpoint with these cosignature lines behind it, which the caller has checked; none is fine. On
 * failure the former one is served still, or the new one is; the log goes on. */
WARN_UNUSED int ledger_log_publish(struct ledger_log *log, struct span cosignatures, struct error *err);

/* What is served: its size, 0 before anything is, and the note with its cosignatures, empty then. Borrowed, and true until
 * the next ledger_log_publish(). */
uint64_t ledger_log_served(const struct ledger_log *log);
struct span ledger_log_served_note(const struct ledger_log *log);

/* The root and proofs in the tree of the first SIZE entries. ERROR_USAGE for an index, or a size, beyond what there is. */
WARN_UNUSED int ledger_log_root(struct ledger_log *log, uint64_t size, struct sha256 *ret_root, struct error *err);
WARN_UNUSED int ledger_log_prove(
	struct ledger_log *log, uint64_t index, uint64_t size, struct merkle_path *ret_path, struct error *err);
WARN_UNUSED int ledger_log_prove_growth(
	struct ledger_log *log, uint64_t old_size, uint64_t size, struct merkle_path *ret_path, struct error *err);

/* Appends the bytes of entry INDEX. */
WARN_UNUSED int ledger_log_entry(struct ledger_log *log, uint64_t index, struct buf *ret_entry, struct error *err);

void ledger_log_close(struct ledger_log *log);
DEFINE_AUTO_PTR(ledger_log, struct ledger_log, ledger_log_close);

#endif
