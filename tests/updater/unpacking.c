#include "tests/updater/unpacking.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "tests/support/test.h"

static int before_change(struct fs *fs, uint64_t number, enum fs_change change, const char *path)
{
	const struct unpacking *unpacking = fs->context;

	(void)change, (void)path;
	return unpacking->fail_at && number == unpacking->fail_at ? unpacking->fail_with : 0;
}

static void unpack_tar(struct unpacking *unpacking)
{
	const struct release *release = unpacking->release;

	assert_non_null(unpacking->tar = malloc(release->tar_length));
	for (size_t k = 0; k < release->frames_count; k++) {
		const struct release_frame *frame = &release->frames[k];

		assert_int_equal(ZSTD_decompress(unpacking->tar + frame->tar_offset, frame->tar_length,
					 unpacking->payload.bytes.data + frame->offset, frame->length),
			frame->tar_length);
	}
}

int unpacking_setup(void **state)
{
	struct unpacking *unpacking = calloc(1, sizeof(*unpacking));

	assert_non_null(unpacking);
	folder_init(&unpacking->folder);
	assert_int_equal(mkdirat(unpacking->folder.fd, "root", 0755), 0);
	assert_int_equal(mkdirat(unpacking->folder.fd, "cache", 0755), 0);
	unpacking->root_fd = openat(unpacking->folder.fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unpacking->cache_fd = openat(unpacking->folder.fd, "cache", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unpacking->noise = payload_noise(7, UNPACKING_DATA_SIZE);
	payload_init(&unpacking->payload, "reader-app/acme", "2.0.0",
		(struct payload_entry[]){{.path = "about", .data = unpacking->noise, .size = UNPACKING_ABOUT_SIZE},
			{.path = "bin/"},
			{.path = "bin/reader", .data = unpacking->noise, .size = UNPACKING_READER_SIZE, .mode = 0755},
			{.path = "note", .data = "note", .size = 4}, {.path = "share/"},
			{.path = "share/data", .data = unpacking->noise, .size = UNPACKING_DATA_SIZE, .mode = 0400},
			{.path = "share/small", .data = "two", .size = 3}},
		7, UNPACKING_FRAME_BYTES);
	unpacking->release = unpacking->payload.release;
	unpack_tar(unpacking);
	fs_init(&unpacking->fs);
	unpacking->env.fs = &unpacking->fs;
	tree_init(&unpacking->tree, &unpacking->fs, unpacking->root_fd);
	unpacking->unpack.file_fd = -1;
	assert_ok(needs_init(&unpacking->needs, unpacking->release, &unpacking->err), &unpacking->err);
	for (size_t i = 0; i < unpacking->release->files_count; i++)
		if (unpacking->release->files[i].type == RELEASE_FOLDER)
			assert_ok(tree_make_folder(&unpacking->tree, &unpacking->release->files[i], &unpacking->err),
				&unpacking->err);
	unpacking->fs.before_change = before_change;
	unpacking->fs.context = unpacking;
	unpacking->fs.changes = 0;
	*state = unpacking;
	return 0;
}

int unpacking_teardown(void **state)
{
	struct unpacking *unpacking = *state;

	unpack_clear(&unpacking->unpack);
	tree_clear(&unpacking->tree);
	needs_clear(&unpacking->needs);
	payload_clear(&unpacking->payload);
	(void)close(unpacking->root_fd);
	(void)close(unpacking->cache_fd);
	folder_clear(&unpacking->folder);
	free(unpacking->noise);
	free(unpacking->tar);
	free(unpacking);
	return 0;
}

void unpacking_begin(struct unpacking *unpacking)
{
	(void)needs_choose_frames(&unpacking->needs);
	assert_ok(unpack_init(&unpacking->unpack, &unpacking->tree, &unpacking->needs, 0, &unpacking->err),
		&unpacking->err);
}

struct release_file *unpacking_file(struct unpacking *unpacking, size_t file)
{
	return &unpacking->payload.release->files[file];
}

void unpacking_assert_file(struct unpacking *unpacking, size_t file, size_t len)
{
	const struct release_file *expected = unpacking_file(unpacking, file);
	char path[128];
	size_t found_len;
	char *found;

	(void)snprintf(path, sizeof(path), "root/%s", expected->path);
	assert_non_null(found = folder_get(&unpacking->folder, path, &found_len));
	assert_int_equal(found_len, len);
	assert_memory_equal(found, unpacking->tar + expected->tar_offset, len);
	free(found);
}

bool unpacking_has(struct unpacking *unpacking, const char *path)
{
	struct stat st;

	return fstatat(unpacking->root_fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}
