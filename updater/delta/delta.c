#include "updater/delta/delta.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "updater/delta/delta_format.h"
#include "updater/delta/differences.h"

#define CHUNK 65536
#define REPORT_EVERY (4u << 20)
#define WRITE_SOON_BYTES (128u << 10)

struct decoder {
	const struct delta *delta;
	struct section *sections[DELTA_SECTIONS];
	struct differences differences;
	struct digest *digest;
	/* The file being made. */
	const struct release_file *file;
	int old_fd;
	int new_fd; /* -1 where the file is there already: its bytes only pass by */
	uint64_t made;
	uint64_t since_report;
	uint8_t data[CHUNK];
};

static void decoder_free(struct decoder *decoder)
{
	if (!decoder)
		return;
	for (int i = 0; i < DELTA_SECTIONS; i++)
		section_free(decoder->sections[i]);
	digest_free(decoder->digest);
	auto_fd(&decoder->old_fd);
	auto_fd(&decoder->new_fd);
	free(decoder);
}
DEFINE_AUTO_PTR(decoder, struct decoder, decoder_free);

static uint64_t little_endian(const uint8_t *bytes)
{
	uint64_t number = 0;

	for (int i = 7; i >= 0; i--)
		number = number << 8 | bytes[i];
	return number;
}

static int open_sections(struct decoder *decoder, const uint8_t *heads, struct error *err)
{
	uint64_t offset = DELTA_HEAD_SIZE;

	for (int i = 0; i < DELTA_SECTIONS; i++, heads += DELTA_SECTION_HEAD_SIZE) {
		uint64_t len = little_endian(heads + 8), unpacked = little_endian(heads + 16);

		if (len > decoder->delta->len - offset)
			return error_set(err, ERROR_REFUSED, "the delta is shorter than its head says");
		if (section_open(decoder->delta->fd, offset, len, unpacked, heads[0], &decoder->sections[i], err) < 0)
			return -1;
		offset += len;
	}
	decoder->differences = (struct differences){
		.equal = decoder->sections[DELTA_EQUAL],
		.unequal = decoder->sections[DELTA_UNEQUAL],
		.differences = decoder->sections[DELTA_DIFFERENCES],
	};
	return 0;
}

static int read_head(struct decoder *decoder, struct error *err)
{
	const struct delta *delta = decoder->delta;
	uint8_t head[DELTA_HEAD_SIZE];

	if (delta->len < DELTA_HEAD_SIZE || pread(delta->fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
		memcmp(head, DELTA_MAGIC, DELTA_MAGIC_SIZE) != 0)
		return error_set(err, ERROR_REFUSED, "this is no delta");
	if (memcmp(head + DELTA_MAGIC_SIZE, delta->from_id.bytes, SHA256_SIZE) != 0 ||
		memcmp(head + DELTA_MAGIC_SIZE + SHA256_SIZE, delta->to_id.bytes, SHA256_SIZE) != 0)
		return error_set(err, ERROR_REFUSED, "the delta is one between other releases");
	return open_sections(decoder, head + DELTA_MAGIC_SIZE + 2 * SHA256_SIZE, err);
}

/* Old bytes at AT into the buffer; zeros where the old file is shorter than it was: the digest will tell. */
static void read_old(struct decoder *decoder, uint64_t at, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t got = decoder->old_fd < 0
				      ? 0
				      : pread(decoder->old_fd, decoder->data + done, len - done, (off_t)(at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	memset(decoder->data + done, 0, len - done);
}

static int put(struct decoder *decoder, size_t len, struct error *err)
{
	decoder->made += len;
	decoder->since_report += len;
	if (decoder->new_fd < 0)
		return 0;
	digest_update(decoder->digest, decoder->data, len);
	return fs_write(decoder->delta->to->fs, decoder->new_fd, decoder->file->path, decoder->data, len, err);
}

static int copy_old(struct decoder *decoder, uint64_t at, uint64_t len, struct error *err)
{
	for (size_t part; len; at += part, len -= part) {
		part = len < CHUNK ? (size_t)len : CHUNK;
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
		part = len < CHUNK ? (size_t)len : CHUNK;
		if (section_read(decoder->sections[DELTA_EXTRA], decoder->data, part, err) < 0 ||
			put(decoder, part, err) < 0)
			return -1;
	}
	return 0;
}

/* Steps through the old file: so many bytes with a difference, so many new ones, so far on. */
static int make_from_old(struct decoder *decoder, uint64_t old_size, struct error *err)
{
	uint64_t at = 0, copied, added;
	int64_t seek;

	while (decoder->made < decoder->file->size) {
		if (section_read_number(decoder->sections[DELTA_COPIED], &copied, err) < 0 ||
			section_read_number(decoder->sections[DELTA_ADDED], &added, err) < 0 ||
			section_read_signed(decoder->sections[DELTA_SEEKS], &seek, err) < 0)
			return -1;
		if (copied > decoder->file->size - decoder->made ||
			added > decoder->file->size - decoder->made - copied ||
			(copied == 0 && added == 0 && seek == 0) || at > old_size || copied > old_size - at)
			return error_set(err, ERROR_REFUSED, "the delta of '%s' makes no sense", decoder->file->path);
		if (copy_old(decoder, at, copied, err) < 0 || add_new(decoder, added, err) < 0)
			return -1;
		at += copied;
		if (seek < 0 && at < (uint64_t)-seek)
			return error_set(err, ERROR_REFUSED, "the delta of '%s' makes no sense", decoder->file->path);
		at += (uint64_t)seek;
	}
	return 0;
}

/* Opens what the file is made from and made into. What is missing there costs only this file. */
static int begin_file(struct decoder *decoder, size_t index, const struct release_file *old, struct error *err)
{
	const struct delta *delta = decoder->delta;
	struct needs_file *state = &delta->needs->files[index];
	struct error ignored;

	decoder->file = &delta->needs->release->files[index];
	decoder->made = 0;
	if (old)
		decoder->old_fd = tree_open_file(delta->from, old->path, O_RDONLY, NULL, NULL, &ignored);
	if (state->done)
		return 0;
	if (state->have && tree_remove(delta->to, decoder->file->path, err) < 0)
		return -1;
	state->have = 0;
	decoder->new_fd = tree_create_file(delta->to, decoder->file, err);
	return decoder->new_fd < 0 ? -1 : 0;
}

static int end_file(struct decoder *decoder, size_t index, struct error *err)
{
	const struct delta *delta = decoder->delta;
	AUTO(fd) int fd = take_fd(&decoder->new_fd);
	struct sha256 found;

	auto_fd(&decoder->old_fd);
	decoder->old_fd = -1;
	if (fd < 0)
		return 0;
	digest_finish(decoder->digest, found.bytes);
	if (!sha256_equal(&found, &decoder->file->sha256))
		return tree_remove(delta->to, decoder->file->path, err);
	if (tree_set_file_mode(delta->to, fd, decoder->file, err) < 0)
		return -1;
	if (decoder->file->size >= WRITE_SOON_BYTES)
		fs_write_soon(delta->to->fs, fd);
	delta->needs->files[index].done = true;
	return 0;
}

static int make_file(struct decoder *decoder, size_t index, const struct release_file *old, struct error *err)
{
	const struct delta *delta = decoder->delta;

	if (begin_file(decoder, index, old, err) < 0)
		return -1;
	if ((old ? make_from_old(decoder, old->size, err) : add_new(decoder, decoder->file->size, err)) < 0) {
		/* Half a file must not look like one that a cut left: its bytes do not end with a frame. */
		struct error ignored;

		if (decoder->new_fd >= 0)
			(void)!tree_remove(delta->to, decoder->file->path, &ignored);
		return -1;
	}
	if (end_file(decoder, index, err) < 0)
		return -1;
	if (!delta->went_on || decoder->since_report < REPORT_EVERY)
		return 0;
	decoder->since_report = 0;
	return delta->went_on(delta->context, err);
}

int delta_apply(const struct delta *delta, struct error *err)
{
	AUTO(decoder) struct decoder *decoder = calloc(1, sizeof(*decoder));
	const struct release *to = delta->needs->release, *from = delta->from_release;
	uint64_t count, step, from_index;
	size_t index = 0;

	if (!decoder)
		return error_set(err, ERROR_FAILED, "no memory for a delta");
	decoder->delta = delta;
	decoder->old_fd = decoder->new_fd = -1;
	if (!(decoder->digest = digest_new(DIGEST_SHA256, err)) || read_head(decoder, err) < 0 ||
		section_read_number(decoder->sections[DELTA_FILES], &count, err) < 0)
		return -1;
	for (; count; count--, index++) {
		if (section_read_number(decoder->sections[DELTA_FILES], &step, err) < 0 ||
			section_read_number(decoder->sections[DELTA_FILES], &from_index, err) < 0)
			return -1;
		if (step >= to->files_count - index || to->files[index + step].type != RELEASE_FILE ||
			from_index > from->files_count ||
			(from_index && from->files[from_index - 1].type != RELEASE_FILE))
			return error_set(err, ERROR_REFUSED, "the delta names a file that is not in the release");
		index += (size_t)step;
		if (make_file(decoder, index, from_index ? &from->files[from_index - 1] : NULL, err) < 0)
			return error_context(err, "delta");
	}
	return 0;
}
