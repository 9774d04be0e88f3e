#include "tools/repo/release/payload.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "common/platform.h"
#include "tools/repo/release/pack_frames.h"

#define READ_BYTES 65536

static void archive_free_writer(struct archive *archive)
{
	if (archive)
		(void)archive_write_free(archive);
}
DEFINE_AUTO_PTR(writer, struct archive, archive_free_writer);
DEFINE_AUTO_PTR(entry, struct archive_entry, archive_entry_free);

/* Where libarchive's output goes, and the error behind a failure there. */
struct output {
	struct frames *frames;
	struct error *err;
};

static la_ssize_t take_output(struct archive *archive, void *context, const void *data, size_t len)
{
	struct output *output = context;

	if (frames_write(output->frames, data, len, output->err) == 0)
		return (la_ssize_t)len;
	archive_set_error(archive, EIO, "%s", output->err ? output->err->text : "cannot write");
	return -1;
}

static struct archive *open_tar(struct output *output, struct error *err)
{
	AUTO(writer) struct archive *tar = archive_write_new();

	/* Nothing is gathered in libarchive: after each call all of its bytes are in the frames, so positions are
	 * exact. */
	if (tar && archive_write_set_format_pax_restricted(tar) == ARCHIVE_OK &&
		archive_write_set_bytes_per_block(tar, 0) == ARCHIVE_OK &&
		archive_write_set_bytes_in_last_block(tar, 1) == ARCHIVE_OK &&
		archive_write_open(tar, output, NULL, take_output, NULL) == ARCHIVE_OK)
		return take_ptr(&tar);
	(void)error_set(err, ERROR_FAILED, "cannot begin a tar: %s", tar ? archive_error_string(tar) : "no memory");
	return NULL;
}

static int write_header(struct archive *tar, const struct release_file *file, int64_t mtime_s, struct error *err)
{
	AUTO(entry) struct archive_entry *entry = archive_entry_new();

	if (!entry)
		return error_set(err, ERROR_FAILED, "no memory");
	archive_entry_set_pathname_utf8(entry, file->path);
	archive_entry_set_mtime(entry, mtime_s, 0);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_perm(entry, file->mode);
	archive_entry_set_size(entry, (int64_t)file->size);
	archive_entry_set_filetype(entry, file->type == RELEASE_FILE	 ? AE_IFREG
					  : file->type == RELEASE_FOLDER ? AE_IFDIR
									 : AE_IFLNK);
	if (file->type == RELEASE_LINK)
		archive_entry_set_symlink_utf8(entry, file->link);
	if (archive_write_header(tar, entry) != ARCHIVE_OK)
		return error_set(
			err, ERROR_FAILED, "cannot put '%s' into the tar: %s", file->path, archive_error_string(tar));
	return 0;
}

/* Nothing outside the folder, unless the publisher wants what links lead to. */
static int open_content(const struct payload_source *source, const char *path, struct error *err)
{
	const int flags = O_RDONLY | O_NONBLOCK;
	struct fs disk;

	fs_init(&disk);
	return source->follow_links ? fs_open(&disk, source->folder_fd, path, flags, err)
				    : platform_open_below(source->folder_fd, path, flags | O_NOFOLLOW, err);
}

static int write_content(struct archive *tar, const struct payload_source *source, struct release_file *file,
	struct digest *digest, struct error *err)
{
	AUTO(fd) int fd = open_content(source, file->path, err);
	uint64_t left = file->size;
	char chunk[READ_BYTES];
	ssize_t got;

	if (fd < 0)
		return -1;
	while ((got = read(fd, chunk, sizeof(chunk))) > 0) {
		if ((uint64_t)got > left)
			return error_set(err, ERROR_INPUT, "'%s' grew while it was packed", file->path);
		digest_update(digest, chunk, (size_t)got);
		if (archive_write_data(tar, chunk, (size_t)got) != got)
			return error_set(err, ERROR_FAILED, "cannot put '%s' into the tar: %s", file->path,
				archive_error_string(tar));
		left -= (uint64_t)got;
	}
	if (got < 0)
		return error_system(err, errno, "cannot read '%s'", file->path);
	if (left)
		return error_set(err, ERROR_INPUT, "'%s' shrank while it was packed", file->path);
	digest_finish(digest, file->sha256.bytes);
	return 0;
}

static int write_file(struct archive *tar, struct frames *frames, const struct payload_source *source,
	struct release_file *file, struct digest *digest, struct error *err)
{
	/* Two blocks of 512: the header, and the padding behind the content. */
	if (frames_may_cut(frames, file->size + 1024, err) < 0 || write_header(tar, file, source->mtime_s, err) < 0)
		return -1;
	if (file->type != RELEASE_FILE)
		return 0;
	file->tar_offset = file->size ? frames_position(frames) : 0;
	if (write_content(tar, source, file, digest, err) < 0)
		return -1;
	if (archive_write_finish_entry(tar) != ARCHIVE_OK)
		return error_set(
			err, ERROR_FAILED, "cannot put '%s' into the tar: %s", file->path, archive_error_string(tar));
	return 0;
}

static int write_files(struct archive *tar, struct frames *frames, const struct payload_source *source,
	struct release *release, struct digest *digest, struct error *err)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < release->files_count; i++) {
		if (write_file(tar, frames, source, &release->files[i], digest, err) < 0)
			return -1;
		bytes += release->files[i].size;
		if (source->progress)
			source->progress(source->context, bytes);
	}
	return 0;
}

int payload_write(struct fs *fs, const struct payload_source *source, struct release *release, int out_fd,
	const char *out_path, struct error *err)
{
	AUTO(digest) struct digest *digest = digest_new(DIGEST_SHA256, err);
	AUTO(frames) struct frames *frames = frames_new(fs, out_fd, out_path, source->level, err);
	struct output output = {.frames = frames, .err = err};
	AUTO(writer) struct archive *tar = NULL;

	if (!digest || !frames || !(tar = open_tar(&output, err)))
		return -1;
	if (write_files(tar, frames, source, release, digest, err) < 0) {
		(void)archive_write_fail(tar);
		return -1;
	}
	if (archive_write_close(tar) != ARCHIVE_OK)
		return error_set(err, ERROR_FAILED, "cannot end the tar: %s", archive_error_string(tar));
	return frames_finish(frames, release, err);
}
