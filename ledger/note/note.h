/* Signed notes (c2sp.org/signed-note): text of UTF-8 lines, an empty line, and lines "— NAME BASE64". */
#ifndef LEDGER_NOTE_NOTE_H
#define LEDGER_NOTE_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "ledger/note/span.h"
#include "ledger/note/vkey.h"

#define NOTE_MAX_BYTES 131072 /* sixteen signatures of five kilobytes fit */
#define NOTE_MAX_SIGNATURES 64
#define NOTE_SIGNATURE_MAX_BYTES 8192

struct note_signature {
	struct span name;
	uint8_t id[VKEY_ID_BYTES];
	struct span base64; /* id and signature */
	struct span line;   /* the whole line, its line feed too */
};

struct note {
	struct span text; /* with its last line feed, without the empty line */
	size_t count;
	struct note_signature signatures[NOTE_MAX_SIGNATURES];
};

enum note_verdict {
	NOTE_UNSIGNED, /* no signature by this key */
	NOTE_SIGNED,   /* at least one, and all hold */
	NOTE_FORGED,   /* one by this name and id does not hold: the note must not be believed at all */
};

/* Takes a note apart without believing anything in it; what is returned is borrowed from DATA. ERROR_REFUSED where it is
 * none: not UTF-8, a control character, no signature line, one misshapen, or beyond the limits above. */
WARN_UNUSED int note_parse(struct span data, struct note *ret_note, struct error *err);

/* What a log's key (VKEY_NOTE) says about the note. Signatures of other keys are passed over. */
enum note_verdict note_check(const struct note *note, const struct vkey *key);

/* Appends TEXT, which ends in a line feed, the empty line, and SIGNER's signature as KEY. */
WARN_UNUSED int note_sign(struct span text, const struct vkey *key, const struct signer *signer, struct buf *ret_note,
	struct error *err);

/* Appends one signature line of KEY with these bytes behind its id. */
WARN_UNUSED int note_write_signature(
	const struct vkey *key, const void *signature, size_t len, struct buf *ret_line, struct error *err);

/* The bytes behind the id of the next signature by KEY at or after *AT, which moves behind it. False at the end. LEN is
 * what they must be: another length is handed over as 0, for a signature that cannot hold. */
bool note_next(const struct note *note, const struct vkey *key, size_t *at, void *ret_signature, size_t len,
	size_t *ret_len);

#endif
