/* Bytes as lower-case hexadecimal text and back. */
#ifndef COMMON_HEX_H
#define COMMON_HEX_H

#include <stddef.h>

#include "common/error.h"

/* Writes 2 * LEN digits and a NUL. */
void hex_encode(const void *data, size_t len, char *ret_text);

/* Reads exactly LEN bytes from 2 * LEN digits of either case followed by a NUL; ERROR_INPUT otherwise. */
WARN_UNUSED int hex_decode(const char *text, void *ret_data, size_t len, struct error *err);

#endif
