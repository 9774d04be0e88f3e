#include "updater/members/members.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "common/fs.h"

#define CHUNK 65536u
/* A local file header (PKZIP APPNOTE 4.3.7): signature, flags, method, and the lengths of two fields behind it. */
#define HEADER_SIZE 30u
#define HEADER_FLAGS 6
#define HEADER_METHOD 8
#define HEADER_NAME 26
#define HEADER_EXTRA 28
#define FLAG_ENCRYPTED 1u
#define METHOD_DEFLATED 8u

static const uint8_t signature[] = {'P', 'K', 3, 4};

/* The file that is looked through: LEN bytes of FD that begin at BEGIN. */
struct finder {
	int fd;
	uint64_t begin;
	uint64_t len;
	int scratch_fd;
	struct members *members;
	z_stream stream;
	bool has_stream;
	uint8_t in[CHUNK];
	uint8_t out[CHUNK];
};

static void finder_free(struct finder *finder)
{
	if (finder && finder->has_stream)
		(void)inflateEnd(&finder->stream);
	free(finder);
}
DEFINE_AUTO_PTR(finder, struct finder, finder_free);

void members_clear(struct members *members)
{
	free(members->all);
	*members = (struct members){0};
}

static unsigned get_16(const uint8_t *bytes)
{
	return bytes[0] | (unsigned)bytes[1] << 8;
}

static int read_part(const struct finder *finder, uint64_t at, uint8_t *ret_bytes, size_t len, struct error *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t got = pread(finder->fd, ret_bytes + done, len - done, (off_t)(finder->begin + at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return error_set(err, ERROR_DAMAGED, "the old archive cannot be read to its end");
		done += (size_t)got;
	}
	return 0;
}

static int copy_plain(struct finder *finder, uint64_t from, uint64_t end, uint64_t to, struct error *err)
{
	for (size_t part; from < end; from += part, to += part) {
		part = end - from < CHUNK ? (size_t)(end - from) : CHUNK;
		if (read_part(finder, from, finder->in, part, err) < 0 ||
			fs_scratch_write(finder->scratch_fd, to, finder->in, part, err) < 0)
			return -1;
	}
	return 0;
}

/* The next header from AT on; the end where there is none. */
static int find_header(struct finder *finder, uint64_t at, uint64_t *ret_at, struct error *err)
{
	while (at + HEADER_SIZE <= finder->len) {
		size_t part = finder->len - at < CHUNK ? (size_t)(finder->len - at) : CHUNK;
		const uint8_t *found;

		if (read_part(finder, at, finder->in, part, err) < 0)
			return -1;
		if ((found = memmem(finder->in, part, signature, sizeof(signature)))) {
			*ret_at = at + (uint64_t)(found - finder->in);
			return 0;
		}
		at += part - (sizeof(signature) - 1);
	}
	*ret_at = finder->len;
	return 0;
}

/* Where the compressed bytes behind a header begin; false where they are not deflated. */
static int read_header(struct finder *finder, uint64_t at, bool *ret_deflated, uint64_t *ret_data, struct error *err)
{
	uint8_t header[HEADER_SIZE];

	*ret_deflated = false;
	if (at + HEADER_SIZE > finder->len)
		return 0;
	if (read_part(finder, at, header, sizeof(header), err) < 0)
		return -1;
	*ret_data = at + HEADER_SIZE + get_16(header + HEADER_NAME) + get_16(header + HEADER_EXTRA);
	*ret_deflated = get_16(header + HEADER_METHOD) == METHOD_DEFLATED &&
			!(get_16(header + HEADER_FLAGS) & FLAG_ENCRYPTED) && *ret_data < finder->len;
	return 0;
}

/* One step of inflating into the scratch file at OUT; moves MEMBER's lengths on. */
static int inflate_step(struct finder *finder, struct member *member, int *ret_status, struct error *err)
{
	z_stream *stream = &finder->stream;
	uint64_t left = finder->len - member->packed_at - member->packed_len;
	size_t made, given = left < CHUNK ? (size_t)left : CHUNK;

	if (stream->avail_in == 0) {
		if (read_part(finder, member->packed_at + member->packed_len, finder->in, given, err) < 0)
			return -1;
		stream->next_in = finder->in;
		stream->avail_in = (uInt)given;
	}
	given = stream->avail_in;
	stream->next_out = finder->out;
	stream->avail_out = CHUNK;
	*ret_status = inflate(stream, Z_NO_FLUSH);
	made = CHUNK - stream->avail_out;
	member->packed_len += given - stream->avail_in;
	finder->members->inflated += made + (given - stream->avail_in);
	if (finder->members->inflated > MEMBERS_INFLATED_MOST)
		return error_set(err, ERROR_REFUSED, "the archive inflates to too much");
	if (fs_scratch_write(finder->scratch_fd, member->at + member->len, finder->out, made, err) < 0)
		return -1;
	member->len += made;
	return 0;
}

/* Inflates what begins at MEMBER's place; false where it is nothing that deflate made. */
static int inflate_member(struct finder *finder, struct member *member, bool *ret_whole, struct error *err)
{
	int status = Z_OK;

	if (inflateReset(&finder->stream) != Z_OK)
		return error_set(err, ERROR_FAILED, "zlib cannot begin anew");
	finder->stream.avail_in = 0;
	while (status == Z_OK) {
		if (member->packed_at + member->packed_len == finder->len && finder->stream.avail_in == 0)
			break;
		if (inflate_step(finder, member, &status, err) < 0)
			return -1;
	}
	*ret_whole = status == Z_STREAM_END;
	return 0;
}

static int keep(struct members *members, const struct member *member, struct error *err)
{
	if (members->count == MEMBERS_MOST)
		return error_set(err, ERROR_REFUSED, "the archive has more than %u members", MEMBERS_MOST);
	if (members->count == members->room) {
		size_t room = members->room ? members->room * 2 : 256;
		struct member *all = reallocarray(members->all, room, sizeof(*all));

		if (!all)
			return error_set(err, ERROR_FAILED, "no memory for %zu members", room);
		members->all = all;
		members->room = room;
	}
	members->all[members->count++] = *member;
	return 0;
}

/* Everything of the file, from behind what the scratch file holds already. */
static int inflate_all(struct finder *finder, struct error *err)
{
	struct members *members = finder->members;
	uint64_t plain = 0, at = 0, data = 0;
	bool is_deflated, is_whole;

	for (;;) {
		struct member member = {0};

		if (find_header(finder, at, &at, err) < 0)
			return -1;
		if (at == finder->len)
			break;
		if (read_header(finder, at, &is_deflated, &data, err) < 0)
			return -1;
		at += sizeof(signature);
		members->inflated += sizeof(signature);
		if (!is_deflated)
			continue;
		member = (struct member){.packed_at = data, .at = members->len + (data - plain)};
		if (inflate_member(finder, &member, &is_whole, err) < 0)
			return -1;
		if (!is_whole)
			continue;
		if (copy_plain(finder, plain, data, members->len, err) < 0 || keep(members, &member, err) < 0)
			return -1;
		members->len = member.at + member.len;
		at = plain = data + member.packed_len;
	}
	if (copy_plain(finder, plain, finder->len, members->len, err) < 0)
		return -1;
	members->len += finder->len - plain;
	return 0;
}

static bool is_archive(const struct finder *finder, const struct member *member)
{
	uint8_t begin[sizeof(signature)];

	return member->len > HEADER_SIZE &&
	       pread(finder->scratch_fd, begin, sizeof(begin), (off_t)member->at) == (ssize_t)sizeof(begin) &&
	       memcmp(begin, signature, sizeof(begin)) == 0;
}

/* Members of members: each outer one is followed by its inner ones in the list. */
static int inflate_inner(struct finder *finder, struct members *outer, struct error *err)
{
	struct members *all = finder->members;

	for (size_t i = 0; i < outer->count; i++) {
		size_t place = all->count;

		if (keep(all, &outer->all[i], err) < 0)
			return -1;
		if (!is_archive(finder, &outer->all[i]))
			continue;
		finder->fd = finder->scratch_fd;
		finder->begin = outer->all[i].at;
		finder->len = outer->all[i].len;
		if (inflate_all(finder, err) < 0)
			return -1;
		all->all[place].inner = all->count - place - 1;
	}
	return 0;
}

int members_inflate(int fd, uint64_t size, int scratch_fd, struct members *ret_members, struct error *err)
{
	AUTO(finder) struct finder *finder = calloc(1, sizeof(*finder));
	AUTO(members) struct members outer = {0};
	AUTO(members) struct members all = {0};

	if (!finder)
		return error_set(err, ERROR_FAILED, "no memory to inflate an archive");
	*finder = (struct finder){.fd = fd, .len = size, .scratch_fd = scratch_fd, .members = &outer};
	if (inflateInit2(&finder->stream, -MAX_WBITS) != Z_OK)
		return error_set(err, ERROR_FAILED, "no memory to inflate an archive");
	finder->has_stream = true;
	if (inflate_all(finder, err) < 0)
		return -1;
	if (outer.count == 0)
		return error_set(err, ERROR_NOT_FOUND, "no compressed members");
	all.len = outer.len;
	all.inflated = outer.inflated;
	finder->members = &all;
	if (inflate_inner(finder, &outer, err) < 0)
		return -1;
	(void)!ftruncate(scratch_fd, (off_t)all.len); /* what attempts that failed left behind the end */
	*ret_members = all;
	all = (struct members){0};
	return 0;
}
