/* A real release half way to the disk, for tests of what stands between: its tar, the folder in which it is built, what
 * of it is needed, and a disk that can be told to refuse. */
#ifndef TESTS_UPDATER_UNPACKING_H
#define TESTS_UPDATER_UNPACKING_H

#include <stdint.h>

#include "common/env.h"
#include "tests/support/folder.h"
#include "tests/support/payload.h"
#include "updater/stage/unpack.h"
#include "updater/tree/needs.h"
#include "updater/tree/tree.h"

#define UNPACKING_FRAME_BYTES 32768

/* The release's files, by their place in it. */
enum {
	UNPACKING_ABOUT,
	UNPACKING_BIN,
	UNPACKING_READER,
	UNPACKING_NOTE,
	UNPACKING_SHARE,
	UNPACKING_DATA,
	UNPACKING_SMALL
};
#define UNPACKING_ABOUT_SIZE 20000
#define UNPACKING_READER_SIZE 90000
#define UNPACKING_DATA_SIZE 150000

struct unpacking {
	struct folder folder; /* holds "root", where the release is built, and "cache" */
	int root_fd, cache_fd;
	struct payload payload;
	const struct release *release; /* the payload's */
	uint8_t *noise;		       /* what all but the small files hold */
	uint8_t *tar;
	struct fs fs;
	struct env env;
	struct tree tree;
	struct needs needs;
	struct unpack unpack; /* before unpacking_begin: nothing */
	uint64_t fail_at;     /* the change of the disk that fails; 0: none */
	int fail_with;	      /* errno */
	struct error err;
};

/* cmocka's setup and teardown; *STATE is a struct unpacking. The release's folders are made; nothing is there. */
int unpacking_setup(void **state);
int unpacking_teardown(void **state);

/* Chooses the frames that are needed, and opens unpack. */
void unpacking_begin(struct unpacking *unpacking);

/* One file of the release, to be made wrong. */
struct release_file *unpacking_file(struct unpacking *unpacking, size_t file);
/* What the folder holds of a file is the first LEN bytes of what it should be. */
void unpacking_assert_file(struct unpacking *unpacking, size_t file, size_t len);
/* Is there anything of that name below the folder of the release? */
bool unpacking_has(struct unpacking *unpacking, const char *path);

#endif
