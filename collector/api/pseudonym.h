/* What a vendor knows a terminal by: the same for the same vendor, another for another one, and of no use to find the
 * terminal. */
#ifndef COLLECTOR_API_PSEUDONYM_H
#define COLLECTOR_API_PSEUDONYM_H

#include <stdint.h>

#include "common/error.h"

#define PSEUDONYM_SIZE 17
#define PSEUDONYM_CURSOR_SIZE 33

/* HMAC-SHA256 of ROLE and KEY under SECRET, its first 64 bits in hexadecimal. */
const char *pseudonym_of(const char *secret, const char *role, const char *key, char ret_name[static PSEUDONYM_SIZE]);

/* A place in a list of terminals tells which they are, so what a vendor gets is closed (one block of AES under
 * SECRET). */
WARN_UNUSED int pseudonym_close_cursor(const char *secret, int64_t terminal, int64_t second,
	char ret_cursor[static PSEUDONYM_CURSOR_SIZE], struct error *err);
/* And opened; "" opens to 0 and 0. ERROR_INPUT where it is no cursor. */
WARN_UNUSED int pseudonym_open_cursor(
	const char *secret, const char *cursor, int64_t *ret_terminal, int64_t *ret_second, struct error *err);

#endif
