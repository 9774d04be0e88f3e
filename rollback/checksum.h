/* A checksum for the guard's small files: finds what a cut or a failing disk damaged. No protection against people,
 * who cannot write there; libcrypto is not linked into the guard. */
#ifndef ROLLBACK_CHECKSUM_H
#define ROLLBACK_CHECKSUM_H

#include <stddef.h>

#define CHECKSUM_TEXT_SIZE 17

/* FNV-1a in 64 bits, as 16 hexadecimal digits. */
void checksum_text(const void *data, size_t len, char ret_text[static CHECKSUM_TEXT_SIZE]);

#endif
