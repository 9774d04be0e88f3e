/* Runs a fuzz target without a fuzzer: over every seed in the folders given, and over many simple changes to each.
 * Always the same changes, so that a failure can be repeated. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "tests/fuzz/fuzz.h"

#define SEED_MAX_BYTES (1u << 20)
#define CHANGES_PER_SEED 300
#define EDITS_MAX 4

static uint64_t next_number(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* One edit: a byte set, a piece dropped, or a piece doubled. LEN stays within twice what it was. */
static size_t edit(uint8_t *bytes, size_t len, size_t size, uint64_t *state)
{
	size_t at = len ? next_number(state) % len : 0;
	size_t piece = len ? 1 + next_number(state) % 16 : 0;

	if (piece > len - at)
		piece = len - at;
	switch (next_number(state) % 3) {
	case 0:
		if (len)
			bytes[at] = (uint8_t)next_number(state);
		return len;
	case 1:
		memmove(bytes + at, bytes + at + piece, len - at - piece);
		return len - piece;
	default:
		if (len + piece > size)
			return len;
		memmove(bytes + at + piece, bytes + at, len - at);
		return len + piece;
	}
}

static void run_changed(const struct buf *seed, uint64_t *state)
{
	size_t size = seed->len + 16 * EDITS_MAX;
	uint8_t *bytes = malloc(size + 1);
	size_t len = seed->len;

	if (!bytes)
		abort();
	if (len)
		memcpy(bytes, seed->data, len);
	for (uint64_t edits = 1 + next_number(state) % EDITS_MAX; edits > 0; edits--)
		len = edit(bytes, len, size, state);
	(void)LLVMFuzzerTestOneInput(bytes, len);
	free(bytes);
}

static int run_seed(struct fs *fs, int dir_fd, const char *name, struct error *err)
{
	AUTO(buf) struct buf seed = BUF_INIT(SEED_MAX_BYTES);
	uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

	if (fs_read_file(fs, dir_fd, name, &seed, err) < 0)
		return -1;
	(void)LLVMFuzzerTestOneInput((const uint8_t *)buf_text(&seed), seed.len);
	for (int i = 0; i < CHANGES_PER_SEED; i++)
		run_changed(&seed, &state);
	return 0;
}

static int run_folder(struct fs *fs, const char *path, int *seeds, struct error *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int ret = 0;

	if (!dir)
		return error_set(err, ERROR_NOT_FOUND, "no folder of seeds '%s'; run make_corpus", path);
	while (ret == 0 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			ret = run_seed(fs, dirfd(dir), entry->d_name, err);
			++*seeds;
		}
	(void)closedir(dir);
	return ret;
}

int main(int argc, char **argv)
{
	struct error err;
	struct fs fs;
	int seeds = 0;

	fs_init(&fs);
	for (int i = 1; i < argc; i++)
		if (run_folder(&fs, argv[i], &seeds, &err) < 0) {
			(void)fprintf(stderr, "%s\n", err.text);
			return 1;
		}
	(void)printf("%d seeds, each with %d changes\n", seeds, CHANGES_PER_SEED);
	return seeds > 0 ? 0 : 1;
}
