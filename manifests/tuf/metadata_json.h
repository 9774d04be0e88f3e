/* JSON as metadata needs it: as strict as common/json, with names that may hold U+0000, and with memory bounded
 * before a signature has shown who wrote it. */
#ifndef MANIFESTS_TUF_METADATA_JSON_H
#define MANIFESTS_TUF_METADATA_JSON_H

#include "common/error.h"
#include "common/json.h"

/* Deeper nesting than this is refused. */
#define METADATA_JSON_MAX_DEPTH 1000

/* Parses one object. ERROR_INPUT, with the byte where it went wrong: names given twice, bad UTF-8, lone surrogates,
 * integers beyond 64 bits, trailing bytes other than white space, nesting beyond the limit, more values than such a
 * text needs. Floating-point numbers are checked for form and kept without their value: nothing that is signed can
 * hold them. */
json_t *metadata_json_parse(const void *data, size_t len, struct error *err);

#endif
