/* Cosignatures (c2sp.org/tlog-cosignature, Ed25519): a witness says that it has seen this checkpoint, at this time, and
 * none before that contradicts it. */
#ifndef LEDGER_NOTE_COSIGNATURE_H
#define LEDGER_NOTE_COSIGNATURE_H

#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "ledger/note/note.h"
#include "ledger/note/span.h"
#include "ledger/note/vkey.h"
#include "manifests/keys/signer.h"

/* Appends the signature line of a witness, KEY (VKEY_COSIGNATURE), for the text of a checkpoint. */
WARN_UNUSED int cosignature_sign(struct span text, int64_t now_s, const struct vkey *key, const struct signer *signer,
	struct buf *ret_line, struct error *err);

/* What KEY says about the note. Where it has signed, RET_TIME_S is when: the earliest where it did so several times. */
enum note_verdict cosignature_check(const struct note *note, const struct vkey *key, int64_t *ret_time_s);

#endif
