/* Checkpoints (c2sp.org/tlog-checkpoint): a log's origin, its size and its root, as the text of a signed note. */
#ifndef LEDGER_NOTE_CHECKPOINT_H
#define LEDGER_NOTE_CHECKPOINT_H

#include <stdint.h>

#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"
#include "ledger/note/note.h"
#include "ledger/note/span.h"
#include "ledger/note/vkey.h"
#include "manifests/keys/signer.h"

#define CHECKPOINT_ORIGIN_SIZE VKEY_NAME_SIZE

struct checkpoint {
	char origin[CHECKPOINT_ORIGIN_SIZE]; /* which log it is of */
	uint64_t size;			     /* leaves, at most INT64_MAX */
	struct sha256 root;
};

/* Reads the text of a note. Lines behind the third, which the log may add and nobody can audit, are passed over.
 * ERROR_REFUSED where it is no checkpoint. */
WARN_UNUSED int checkpoint_parse(struct span text, struct checkpoint *ret_checkpoint, struct error *err);
WARN_UNUSED int checkpoint_write(const struct checkpoint *checkpoint, struct buf *ret_text, struct error *err);

/* Appends the note that says so, signed as KEY, whose name is the checkpoint's origin. */
WARN_UNUSED int checkpoint_sign(const struct checkpoint *checkpoint, const struct vkey *key,
	const struct signer *signer, struct buf *ret_note, struct error *err);

/* Reads a note that LOG must have signed, with LOG's name as its origin. ERROR_REFUSED otherwise. RET_NOTE is borrowed
 * from DATA. */
WARN_UNUSED int checkpoint_open(struct span data, const struct vkey *log, struct checkpoint *ret_checkpoint,
	struct note *ret_note, struct error *err);

#endif
