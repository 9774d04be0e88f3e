/* Canonical JSON (OLPC): the one byte sequence that signatures and key ids are computed over (TUF 4.2.1). */
#ifndef MANIFESTS_KEYS_CANONICAL_JSON_H
#define MANIFESTS_KEYS_CANONICAL_JSON_H

#include "common/buf.h"
#include "common/error.h"
#include "common/json.h"

/* Deeper nesting than this is refused. */
#define CANONICAL_JSON_MAX_DEPTH 1024

/* Appends the canonical form of VALUE: members in the byte order of their names, no white space, only '"' and '\'
 * escaped, integers in plain decimal. It never takes more bytes than the JSON text that VALUE was parsed from.
 * ERROR_INPUT for a floating-point number, which has no canonical form, and for nesting beyond the limit; RET_BYTES
 * may then hold a part. */
WARN_UNUSED int canonical_json_write(const json_t *value, struct buf *ret_bytes, struct error *err);

#endif
