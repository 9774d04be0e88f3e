/* DER as EST sends it: base64 without armour (RFC 7030, RFC 8951). */
#ifndef COLLECTOR_AUTHORITY_AUTHORITY_TEXT_H
#define COLLECTOR_AUTHORITY_AUTHORITY_TEXT_H

#include "common/buf.h"
#include "common/error.h"

/* Reads base64; white space between is passed over. ERROR_INPUT where it is none, or holds more than RET_BYTES may. */
WARN_UNUSED int authority_text_read(const char *text, size_t len, struct buf *ret_bytes, struct error *err);
/* Appends base64 in lines of 64. */
WARN_UNUSED int authority_text_write(const void *bytes, size_t len, struct buf *ret_text, struct error *err);

#endif
