/* Base64 (RFC 4648, section 4) in its one strict form: padded, no white space, no stray bits behind the last byte. */
#ifndef LEDGER_NOTE_BASE64_H
#define LEDGER_NOTE_BASE64_H

#include <stddef.h>

#include "common/buf.h"
#include "common/error.h"

/* Characters that LEN bytes take, without a NUL. */
#define BASE64_LENGTH(len) (((len) + 2) / 3 * 4)

WARN_UNUSED int base64_write(const void *data, size_t len, struct buf *ret_text, struct error *err);

/* Reads LEN characters into at most SIZE bytes. ERROR_REFUSED where they are not base64, or stand for more. */
WARN_UNUSED int base64_read(
	const char *text, size_t len, void *ret_data, size_t size, size_t *ret_len, struct error *err);

#endif
