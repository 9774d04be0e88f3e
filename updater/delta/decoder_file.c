#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "updater/delta/decoder.h"

#define REPORT_EVERY (4u << 20)
#define WRITE_SOON_BYTES (128u << 10)

static int no_sense(const struct decoder *decoder, struct error *err)
{
	return error_set(err, ERROR_REFUSED, "the delta of '%s' makes no sense", decoder->file->path);
}

/* Old bytes at AT into the buffer; zeros where the old file is shorter than it was: the digest will tell. */
static void read_old(struct decoder *decoder, uint64_t at, size_t len)
{
	int fd = decoder->source.fd;
	size_t done = 0;

	while (done < len) {
		ssize_t got = fd < 0 ? 0 : pread(fd, decoder->data + done, len - done, (off_t)(at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	memset(decoder->data + done, 0, len - done);
}

/* Bytes of the new file. */
static int write_new(void *context, const void *data, size_t len, struct error *err)
{
	struct decoder *decoder = context;

	if (len > decoder->file->size - decoder->written)
		return no_sense(decoder, err);
	decoder->written += len;
	if (!decoder->source.is_finished_later)
		digest_update(decoder->digest, data, len);
	return fs_write(decoder->delta->to->fs, decoder->new_fd, decoder->file->path, data, len, err);
}

static int put(struct decoder *decoder, size_t len, struct error *err)
{
	decoder->made += len;
	decoder->since_report += len;
	return decoder->new_fd < 0 ? 0 : source_put(&decoder->source, decoder->data, len, err);
}

static int copy_old(struct decoder *decoder, uint64_t at, uint64_t len, struct error *err)
{
	for (size_t part; len; at += part, len -= part) {
		part = len < DECODER_CHUNK ? (size_t)len : DECODER_CHUNK;
		read_old(decoder, at, part);
		if (differences_add(&decoder->differences, decoder->data, part, err) < 0 ||
			put(decoder, part, err) < 0)
			return -1;
	}
	return 0;
}

static int add_new(struct decoder *decoder, uint64_t len, struct error *err)
{
	for (size_t part; len; len -= part) {
		part = len < DECODER_CHUNK ? (size_t)len : DECODER_CHUNK;
		if (section_read(decoder->sections[DELTA_EXTRA], decoder->data, part, err) < 0 ||
			put(decoder, part, err) < 0)
			return -1;
	}
	return 0;
}

/* Steps through the old file: so many bytes with a difference, so many new ones, so far on. */
static int make_from_old(struct decoder *decoder, struct error *err)
{
	uint64_t at = 0, copied, added, size = decoder->source.size;
	int64_t seek;

	while (decoder->made < decoder->source.makes) {
		uint64_t left = decoder->source.makes - decoder->made;

		if (section_read_number(decoder->sections[DELTA_COPIED], &copied, err) < 0 ||
			section_read_number(decoder->sections[DELTA_ADDED], &added, err) < 0 ||
			section_read_signed(decoder->sections[DELTA_SEEKS], &seek, err) < 0)
			return -1;
		if (copied > left || added > left - copied || (copied == 0 && added == 0 && seek == 0) || at > size ||
			copied > size - at)
			return no_sense(decoder, err);
		if (copy_old(decoder, at, copied, err) < 0 || add_new(decoder, added, err) < 0)
			return -1;
		at += copied;
		if (seek < 0 && at < (uint64_t)-seek)
			return no_sense(decoder, err);
		at += (uint64_t)seek;
	}
	return 0;
}

/* What cannot be prepared is left to the frames, and costs only this file. */
static void prepare(struct decoder *decoder, const struct release_file *old)
{
	struct delta *delta = decoder->delta;
	struct error ignored;
	int old_fd = old ? tree_open_file(delta->from, old->path, O_RDONLY, NULL, NULL, &ignored) : -1;

	if (!old || (old_fd >= 0 && source_prepare(&decoder->source, delta->to->fs, delta->to->root_fd, old_fd,
					    old->size, &ignored) == 0))
		return;
	fd_close(&decoder->new_fd);
	decoder->new_fd = -1;
	(void)!tree_remove(delta->to, decoder->file->path, &ignored);
	delta->did_not_come_out++;
}

static int begin_file(struct decoder *decoder, size_t index, const struct release_file *old, struct error *err)
{
	const struct delta *delta = decoder->delta;
	struct needs_file *state = &delta->needs->files[index];

	decoder->made = decoder->written = 0;
	if (state->done)
		return 0;
	if (state->have && tree_remove(delta->to, decoder->file->path, err) < 0)
		return -1;
	state->have = 0;
	if ((decoder->new_fd = tree_create_file(delta->to, decoder->file, err)) < 0)
		return -1;
	prepare(decoder, old);
	return decoder->new_fd < 0 ? 0 : source_begin(&decoder->source, write_new, decoder, err);
}

/* What was finished only now has no digest yet: the file is read once more. */
static int finish_later(struct decoder *decoder, struct error *err)
{
	const struct release_file *file = decoder->file;
	AUTO(fd) int fd = -1;

	if ((fd = tree_open_file(decoder->delta->to, file->path, O_RDWR, NULL, NULL, err)) < 0 ||
		source_finish(&decoder->source, decoder->delta->to->fs, fd, file->path, file->size, err) < 0)
		return -1;
	return tree_digest_file(fd, file->path, file->size, decoder->digest, err);
}

/* Sets the file's mode and says that it is there, where its digest is right; else it is gone. */
static int accept(struct decoder *decoder, size_t index, int fd, struct error *err)
{
	struct delta *delta = decoder->delta;
	struct sha256 found;

	digest_finish(decoder->digest, found.bytes);
	if (!sha256_equal(&found, &decoder->file->sha256)) {
		delta->did_not_come_out++;
		return tree_remove(delta->to, decoder->file->path, err);
	}
	if (tree_set_file_mode(delta->to, fd, decoder->file, err) < 0)
		return -1;
	if (decoder->file->size >= WRITE_SOON_BYTES)
		fs_write_soon(delta->to->fs, fd);
	delta->needs->files[index].done = true;
	return 0;
}

static int end_file(struct decoder *decoder, size_t index, struct error *err)
{
	AUTO(fd) int fd = take_fd(&decoder->new_fd);

	if (fd < 0)
		return 0;
	if (source_end(&decoder->source, err) < 0 ||
		(decoder->source.is_finished_later && finish_later(decoder, err) < 0))
		return -1;
	return accept(decoder, index, fd, err);
}

static int make(struct decoder *decoder, size_t index, const struct release_file *old, struct error *err)
{
	if (begin_file(decoder, index, old, err) < 0 ||
		(old ? make_from_old(decoder, err) : add_new(decoder, decoder->file->size, err)) < 0)
		return -1;
	return end_file(decoder, index, err);
}

int decoder_make_file(struct decoder *decoder, size_t index, const struct release_file *old, enum delta_kind kind,
	struct error *err)
{
	const struct delta *delta = decoder->delta;
	int result;

	decoder->file = &delta->needs->release->files[index];
	if (source_read(&decoder->source, kind, old ? old->size : 0, decoder->file->size,
		    decoder->sections[DELTA_MAPS], err) < 0)
		return -1;
	if ((result = make(decoder, index, old, err)) < 0 && !delta->needs->files[index].done) {
		/* Half a file must not look like one that a cut left: its bytes do not end with a frame. */
		struct error ignored;

		(void)!tree_remove(delta->to, decoder->file->path, &ignored);
	}
	source_clear(&decoder->source);
	if (result < 0 || !delta->went_on || decoder->since_report < REPORT_EVERY)
		return result;
	decoder->since_report = 0;
	return delta->went_on(delta->context, err);
}
