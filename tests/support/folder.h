/* A fresh folder per test, removed with all below it. */
#ifndef TESTS_SUPPORT_FOLDER_H
#define TESTS_SUPPORT_FOLDER_H

#include <stddef.h>

#define FOLDER_PATH_SIZE 256

struct folder {
	int fd;
	char path[FOLDER_PATH_SIZE];
};

/* Makes it below TMPDIR, or /tmp; ends the program where it cannot. */
void folder_init(struct folder *folder);
void folder_clear(struct folder *folder);

/* Writes a file below it, making folders on the way; ends the program where it cannot. */
void folder_put(const struct folder *folder, const char *path, const void *data, size_t len);
/* The same for what its owner alone may read. */
void folder_put_secret(const struct folder *folder, const char *path, const char *text);
/* The bytes of a file below it, NUL-terminated, on the heap; NULL where there is none. */
char *folder_get(const struct folder *folder, const char *path, size_t *ret_len);

#endif
