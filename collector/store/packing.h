/* The bodies of reports as the store keeps them: a byte that names the way, then a Zstandard frame made against a
 * dictionary, which is the text that all reports have in common (packing_words.txt) behind the certificate that
 * this terminal's reports have in common. What was packed the first way has it as one of them told it, whatever stood around
 * it there; of what is packed now it is the certificate alone, in its plain form (collector/identity/client.h). */
#ifndef COLLECTOR_STORE_PACKING_H
#define COLLECTOR_STORE_PACKING_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buf.h"
#include "common/error.h"

#define PACKING_BODY_MOST 65536
#define PACKING_DICTIONARY_MOST 32768

struct packing; /* belongs to one thread */

WARN_UNUSED int packing_open(struct packing **ret_packing, struct error *err);
void packing_close(struct packing *packing);
DEFINE_AUTO_PTR(packing, struct packing, packing_close);

/* Appends BODY packed, at most PACKING_BODY_MOST bytes. CERTIFICATE is the plain form of the one that other reports of the
 * terminal hold too; it may be "", and what is beyond the dictionary's size does not help. */
WARN_UNUSED int packing_pack(struct packing *packing, const char *certificate, const void *body, size_t len,
	struct buf *ret_packed, struct error *err);
/* True where PACKED has the certificate in its plain form, false where as it was told. */
bool packing_is_plain(const void *packed, size_t len);
/* And back, with the same CERTIFICATE. ERROR_DAMAGED. */
WARN_UNUSED int packing_unpack(struct packing *packing, const char *certificate, const void *packed, size_t len,
	struct buf *ret_body, struct error *err);

#endif
