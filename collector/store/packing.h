/* The bodies of reports as the store keeps them: a byte that names the way, then a Zstandard frame made against a
 * dictionary, which is the text that all reports have in common (packing_words.txt) behind the certificate that
 * this terminal's reports have in common. */
#ifndef COLLECTOR_STORE_PACKING_H
#define COLLECTOR_STORE_PACKING_H

#include <stddef.h>

#include "common/buf.h"
#include "common/error.h"

#define PACKING_BODY_MOST 65536
#define PACKING_DICTIONARY_MOST 32768

struct packing; /* belongs to one thread */

WARN_UNUSED int packing_open(struct packing **ret_packing, struct error *err);
void packing_close(struct packing *packing);
DEFINE_AUTO_PTR(packing, struct packing, packing_close);

/* Appends BODY packed, at most PACKING_BODY_MOST bytes. CERTIFICATE is the text in BODY that other reports of the
 * terminal hold too; it may be "", and what is beyond the dictionary's size does not help. */
WARN_UNUSED int packing_pack(struct packing *packing, const char *certificate, const void *body, size_t len,
	struct buf *ret_packed, struct error *err);
/* And back, with the same CERTIFICATE. ERROR_DAMAGED. */
WARN_UNUSED int packing_unpack(struct packing *packing, const char *certificate, const void *packed, size_t len,
	struct buf *ret_body, struct error *err);

#endif
