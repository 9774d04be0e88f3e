#include "tools/repo/release/payload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "common/auto.h"

/* Where the reading stands: the file whose content comes next, and how much of it was seen. */
struct check {
	const struct release *release;
	size_t file;
	uint64_t seen;
	struct digest *digest;
	uint8_t *packed;
	size_t packed_room;
	uint8_t *plain;
};

static void check_clear(struct check *check)
{
	digest_free(check->digest);
	free(check->packed);
	free(check->plain);
}
DEFINE_AUTO(check, struct check, check_clear);

static int end_file(struct check *check, struct error *err)
{
	const struct release_file *file = &check->release->files[check->file];
	struct sha256 digest;

	digest_finish(check->digest, digest.bytes);
	if (file->type == RELEASE_FILE && !sha256_equal(&digest, &file->sha256))
		return error_set(err, ERROR_REFUSED, "the content of '%s' is not what the release says", file->path);
	check->file++;
	check->seen = 0;
	return 0;
}

/* Takes the tar's bytes from AT on, and cuts them into files by the release's table. */
static int take_plain(struct check *check, uint64_t at, size_t len, struct error *err)
{
	const struct release *release = check->release;

	while (check->file < release->files_count) {
		const struct release_file *file = &release->files[check->file];
		uint64_t from = file->tar_offset + check->seen;
		uint64_t part = file->size - check->seen;

		if (part && from >= at + len)
			return 0;
		if (part > at + len - from)
			part = at + len - from;
		if (file->size) {
			digest_update(check->digest, check->plain + (from - at), (size_t)part);
			check->seen += part;
		}
		if (check->seen < file->size)
			return 0;
		if (end_file(check, err) < 0)
			return -1;
	}
	return 0;
}

static int read_frame(struct check *check, int payload_fd, const struct release_frame *frame, struct error *err)
{
	struct sha256 digest;
	size_t got = 0;

	if (frame->length > check->packed_room) {
		free(check->packed);
		check->packed_room = frame->length;
		if (!(check->packed = malloc(frame->length)))
			return error_set(err, ERROR_FAILED, "no memory for a frame");
	}
	while (got < frame->length) {
		ssize_t part =
			pread(payload_fd, check->packed + got, frame->length - got, (off_t)(frame->offset + got));

		if (part < 0)
			return error_system(err, errno, "cannot read the payload");
		if (part == 0)
			return error_set(err, ERROR_REFUSED, "the payload ends too early");
		got += (size_t)part;
	}
	sha256_of(check->packed, frame->length, &digest);
	if (!sha256_equal(&digest, &frame->sha256))
		return error_set(err, ERROR_REFUSED, "its bytes are not what the release says");
	if (ZSTD_decompress(check->plain, RELEASE_FRAME_MAX_BYTES, check->packed, frame->length) != frame->tar_length)
		return error_set(err, ERROR_REFUSED, "it does not hold the %llu bytes that the release says",
			(unsigned long long)frame->tar_length);
	return take_plain(check, frame->tar_offset, (size_t)frame->tar_length, err);
}

int payload_check(int payload_fd, const struct release *release, struct error *err)
{
	AUTO(check) struct check check = {.release = release};

	if (!(check.digest = digest_new(DIGEST_SHA256, err)))
		return -1;
	if (!(check.plain = malloc(RELEASE_FRAME_MAX_BYTES)))
		return error_set(err, ERROR_FAILED, "no memory to check a payload");
	for (size_t i = 0; i < release->frames_count; i++)
		if (read_frame(&check, payload_fd, &release->frames[i], err) < 0)
			return error_context(err, "frame %zu", i);
	if (check.file < release->files_count)
		return error_set(err, ERROR_REFUSED, "the payload ends before '%s'", release->files[check.file].path);
	return 0;
}
