#include <stdbool.h>
#include <string.h>

#include "common/fs.h"
#include "updater/attempt/attempt.h"
#include "updater/attempt/deflate_setting.h"
#include "updater/attempt/delta_number.h"
#include "updater/members/members.h"
#include "updater/members/members_writer.h"

/* The new archive as a delta makes it: pieces, and their bytes. Plain pieces that follow each other are one. */
struct form {
	const struct content *inflated; /* the scratch file of the new archive */
	uint8_t setting;		/* of the last member: the next one's is likely the same */
	size_t members;
	struct buf table;
	struct buf bytes;
	uint64_t plain; /* bytes of the plain piece that has not been written yet */
};

static void form_clear(struct form *form)
{
	buf_clear(&form->table);
	buf_clear(&form->bytes);
}
DEFINE_AUTO(form, struct form, form_clear);

static int put_plain(struct form *form, const uint8_t *bytes, uint64_t len, struct error *err)
{
	form->plain += len;
	return buf_append(&form->bytes, bytes, (size_t)len, err);
}

/* Any other piece: the plain bytes in front of it become one. */
static int put_piece(
	struct form *form, enum members_piece_kind kind, uint8_t setting, uint64_t len, struct error *err)
{
	uint64_t plain = form->plain;

	form->plain = 0;
	if (members_piece_append(&form->table, MEMBERS_PLAIN, 0, plain, err) < 0)
		return -1;
	return members_piece_append(&form->table, kind, setting, len, err);
}

/* Where a member was, and what its packed bytes are; true where zlib makes them again. */
static bool can_be_made(struct form *form, const struct member *member, const uint8_t *packed)
{
	return deflate_setting_find(form->inflated->bytes + member->at, (size_t)member->len,
		packed + member->packed_at, (size_t)member->packed_len, &form->setting);
}

/* A member without members of its own; PACKED is the file that it is in. */
static int put_member(struct form *form, const struct member *member, const uint8_t *packed, struct error *err)
{
	if (!can_be_made(form, member, packed))
		return put_plain(form, packed + member->packed_at, member->packed_len, err);
	form->members++;
	if (put_piece(form, MEMBERS_DEFLATED, form->setting, member->len, err) < 0)
		return -1;
	return buf_append(&form->bytes, form->inflated->bytes + member->at, (size_t)member->len, err);
}

/* A member that is an archive. */
static int put_archive(struct form *form, const struct member *outer, const uint8_t *packed, struct error *err)
{
	const uint8_t *inside = form->inflated->bytes + outer->at;
	uint64_t behind = 0;

	if (!can_be_made(form, outer, packed))
		return put_plain(form, packed + outer->packed_at, outer->packed_len, err);
	if (put_piece(form, MEMBERS_OPEN, form->setting, 0, err) < 0)
		return -1;
	for (const struct member *inner = outer + 1; inner <= outer + outer->inner; inner++) {
		if (put_plain(form, inside + behind, inner->packed_at - behind, err) < 0 ||
			put_member(form, inner, inside, err) < 0)
			return -1;
		behind = inner->packed_at + inner->packed_len;
	}
	if (put_plain(form, inside + behind, outer->len - behind, err) < 0)
		return -1;
	return put_piece(form, MEMBERS_CLOSE, 0, 0, err);
}

static int put_all(struct form *form, const struct members *members, const struct content *new, struct error *err)
{
	uint64_t behind = 0;

	for (size_t i = 0; i < members->count; i += members->all[i].inner + 1) {
		const struct member *member = &members->all[i];

		if (put_plain(form, new->bytes + behind, member->packed_at - behind, err) < 0 ||
			(member->inner ? put_archive(form, member, new->bytes, err)
				       : put_member(form, member, new->bytes, err)) < 0)
			return -1;
		behind = member->packed_at + member->packed_len;
	}
	if (put_plain(form, new->bytes + behind, new->len - behind, err) < 0)
		return -1;
	return members_piece_append(&form->table, MEMBERS_PLAIN, 0, form->plain, err);
}

/* All of it in one buffer: head, pieces, bytes. */
static int join(const struct form *form, struct buf *ret_stream, struct error *err)
{
	size_t count = form->table.len / MEMBERS_PIECE_SIZE;
	uint8_t head[MEMBERS_HEAD_SIZE];

	for (int byte = 0; byte < 4; byte++)
		head[byte] = (uint8_t)(count >> (8 * byte));
	if (buf_append(ret_stream, head, sizeof(head), err) < 0 ||
		buf_append(ret_stream, buf_text(&form->table), form->table.len, err) < 0)
		return -1;
	return buf_append(ret_stream, buf_text(&form->bytes), form->bytes.len, err);
}

static int make_stream(const struct content *new, struct buf *ret_stream, struct error *err)
{
	AUTO(content) struct content inflated = CONTENT_INIT;
	AUTO(members) struct members members = {0};
	AUTO(form) struct form form = {.inflated = &inflated, .setting = MEMBERS_USUAL_SETTING};

	form.table.limit = MEMBERS_PIECES_MOST * MEMBERS_PIECE_SIZE;
	form.bytes.limit = 2 * MEMBERS_INFLATED_MOST;
	if (content_scratch(&inflated, err) < 0 ||
		members_inflate(new->fd, new->len, inflated.fd, &members, err) < 0 ||
		content_map(&inflated, err) < 0 || put_all(&form, &members, new, err) < 0)
		return -1;
	if (form.members == 0)
		return error_set(err, ERROR_NOT_FOUND, "no members that zlib makes again");
	return join(&form, ret_stream, err);
}

/* The old archive, inflated, and the table behind it, as a terminal has them. */
static int inflate_old(const struct content *old, struct content *ret_inflated, struct error *err)
{
	AUTO(members) struct members members = {0};
	AUTO(buf) struct buf table = BUF_INIT(MEMBERS_PIECES_MOST * MEMBERS_PIECE_SIZE);

	if (content_scratch(ret_inflated, err) < 0 ||
		members_inflate(old->fd, old->len, ret_inflated->fd, &members, err) < 0 ||
		members_table(&members, old->len, &table, err) < 0 ||
		fs_scratch_write(ret_inflated->fd, members.len, buf_text(&table), table.len, err) < 0)
		return -1;
	return content_map(ret_inflated, err);
}

struct proof {
	const struct content *new;
	size_t len;
	bool differs;
};

static int compare(void *context, const void *data, size_t len, struct error *err)
{
	struct proof *proof = context;

	(void)err;
	if (len > proof->new->len - proof->len || memcmp(proof->new->bytes + proof->len, data, len) != 0)
		proof->differs = true;
	else
		proof->len += len;
	return 0;
}

/* Writes the archive as a terminal will. */
static int prove(const struct buf *stream, const struct content *new, struct error *err)
{
	struct proof proof = {.new = new};
	AUTO(members_writer) struct members_writer *writer = NULL;

	if (members_writer_new(compare, &proof, &writer, err) < 0 ||
		members_writer_put(writer, (const uint8_t *)stream->data, stream->len, err) < 0 ||
		members_writer_end(writer, err) < 0)
		return -1;
	if (proof.differs || proof.len != new->len)
		return error_set(err, ERROR_NOT_FOUND, "zlib does not make this archive again");
	return 0;
}

int attempt_members(struct attempt *attempt, const struct content *old, const struct content *new, struct error *err)
{
	AUTO(buf) struct buf stream = BUF_INIT(4 * MEMBERS_INFLATED_MOST);
	AUTO(content) struct content inflated = CONTENT_INIT;
	AUTO(steps) struct steps steps = {0};

	if (inflate_old(old, &inflated, err) < 0 || make_stream(new, &stream, err) < 0 ||
		prove(&stream, new, err) < 0 ||
		steps_find(inflated.bytes, inflated.len, (const uint8_t *)stream.data, stream.len, &steps, err) < 0 ||
		delta_number_append(&attempt->parts[DELTA_MAPS], stream.len, err) < 0)
		return -1;
	return attempt_take_steps(attempt, &steps, inflated.bytes, (const uint8_t *)stream.data, err);
}
