/* What targets that need a disk share: one folder in memory, and two small releases of one package. */
#ifndef TESTS_FUZZ_PLACE_H
#define TESTS_FUZZ_PLACE_H

#include "tests/support/folder.h"
#include "tests/support/payload.h"

#define PLACE_OLD "1.2"
#define PLACE_NEW "1.3"

/* The folder, made at the first call and removed when the program ends. */
const struct folder *place_folder(void);

/* Writes a file there, without waiting for a disk. */
void place_put(const char *name, const void *data, size_t len);

/* Makes a folder below it that is empty, whatever was there; the caller closes it. */
int place_empty(const char *name);

/* The release of that version: two frames or more. Between the versions a text, a program and an archive change, one file stays
 * the same, one is new. Made once, and kept until the program ends. */
const struct payload *place_payload(const char *version);

/* Writes its files into an empty folder, as they are installed. */
void place_install(int dir_fd, const char *version);

#endif
