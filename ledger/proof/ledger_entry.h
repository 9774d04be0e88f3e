/* What the ledger says of one report (form haishin-ledger-entry-1): canonical JSON. */
#ifndef LEDGER_PROOF_LEDGER_ENTRY_H
#define LEDGER_PROOF_LEDGER_ENTRY_H

#include <stdint.h>

#include "common/buf.h"
#include "common/digest.h"
#include "common/error.h"
#include "ledger/note/span.h"

#define LEDGER_ENTRY_FORM "haishin-ledger-entry-1"
#define LEDGER_ENTRY_MAX_BYTES 1024

struct ledger_entry {
	char terminal[SHA256_HEX_SIZE]; /* id of the terminal's own key */
	int64_t report;			/* number of the report, from 1 */
	struct sha256 digest;		/* of the report as it was signed and sent */
	int64_t rows;			/* of the terminal's history */
	struct sha256 head;		/* digest of the last of these rows */
};

/* Reads an entry. ERROR_REFUSED where it is none, or not the one way to write it: two entries that say the same are the
 * same bytes. */
WARN_UNUSED int ledger_entry_parse(struct span data, struct ledger_entry *ret_entry, struct error *err);
WARN_UNUSED int ledger_entry_write(const struct ledger_entry *entry, struct buf *ret_bytes, struct error *err);

#endif
