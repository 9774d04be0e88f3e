/* A delta between two releases, with their identities and any content. What it claims to have made is right. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/place.h"
#include "updater/delta/delta.h"
#include "updater/delta/delta_format.h"

static void check(struct tree *to, const struct needs *needs)
{
	AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256, NULL);

	for (size_t i = 0; i < needs->release->files_count; i++) {
		const struct release_file *file = &needs->release->files[i];
		AUTO(fd) int fd = -1;
		struct sha256 found;

		if (!needs->files[i].done)
			continue;
		if ((fd = tree_open_file(to, file->path, O_RDONLY, NULL, NULL, NULL)) < 0 ||
		    tree_digest_file(fd, file->path, file->size, digest, NULL) < 0)
			abort();
		digest_finish(digest, found.bytes);
		if (!sha256_equal(&found, &file->sha256))
			abort();
	}
}

static void apply(struct delta *delta, const struct release *release)
{
	AUTO(needs) struct needs needs = { 0 };
	struct error err = { 0 };

	if (needs_init(&needs, release, NULL) < 0 || tree_make_folder(delta->to, &release->files[0], NULL) < 0)
		abort();
	delta->needs = &needs;
	if (delta_apply(delta, &err) < 0 && err.code != ERROR_REFUSED)
		abort();
	check(delta->to, &needs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(fd) int from_fd = place_empty("from");
	AUTO(fd) int to_fd = place_empty("to");
	AUTO(fd) int delta_fd = -1;
	AUTO(tree) struct tree from = { .parent_fd = -1 };
	AUTO(tree) struct tree to = { .parent_fd = -1 };
	struct delta delta = { .len = len, .to = &to, .from = &from };
	struct fs fs;

	fs_init(&fs);
	tree_init(&from, &fs, from_fd);
	tree_init(&to, &fs, to_fd);
	place_install(from_fd, PLACE_OLD);
	place_put("delta", data, len);
	if ((delta_fd = openat(place_folder()->fd, "delta", O_RDONLY | O_CLOEXEC)) < 0)
		abort();
	delta.fd = delta_fd;
	delta.from_release = place_payload(PLACE_OLD)->release;
	if (len >= DELTA_HEAD_SIZE(DELTA_FORMER_SECTIONS)) {
		memcpy(delta.from_id.bytes, data + DELTA_MAGIC_SIZE, SHA256_SIZE);
		memcpy(delta.to_id.bytes, data + DELTA_MAGIC_SIZE + SHA256_SIZE, SHA256_SIZE);
	}
	apply(&delta, place_payload(PLACE_NEW)->release);
	return 0;
}
