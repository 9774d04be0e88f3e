#include "updater/members/members.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>

#include "tests/support/payload.h"
#include "tests/support/test.h"
#include "tests/support/zip.h"
#include "updater/members/members_writer.h"
#include "updater/attempt/content.h"
#include "updater/attempt/attempt.h"

#define BYTES_MOST (64u << 20)

static struct content content_of(const void *data, size_t len)
{
	struct content content;
	struct error err;

	assert_ok(content_scratch(&content, &err), &err);
	assert_int_equal(pwrite(content.fd, data, len, 0), len);
	assert_ok(content_map(&content, &err), &err);
	return content;
}

/* An archive whose members say TEXT, in every setting there is. */
static void add_all_settings(struct buf *zip, const char *text)
{
	for (unsigned setting = 1; setting < 0x80; setting++) {
		AUTO(buf) struct buf data = BUF_INIT(BYTES_MOST);
		struct error err;

		if (MEMBERS_LEVEL(setting) < 1 || MEMBERS_LEVEL(setting) > 9)
			continue;
		assert_ok(buf_printf(&data, &err, "%s\n", text), &err);
		for (unsigned i = 0; i < 300; i++)
			assert_ok(buf_printf(&data, &err, "line %u, %u\n", i, i * i * setting), &err);
		zip_add(zip,
			&(struct zip_member){
				.name = "member", .data = data.data, .len = data.len, .setting = (uint8_t)setting});
	}
}

TEST_CASE(test_archives_of_every_setting_are_made_again)
{
	AUTO(buf) struct buf old = BUF_INIT(BYTES_MOST);
	AUTO(buf) struct buf new = BUF_INIT(BYTES_MOST);
	struct error err;

	add_all_settings(&old, "it was like this");
	zip_end(&old);
	add_all_settings(&new, "it is like this, rather");
	zip_end(&new);
	{
		AUTO(content) struct content was = content_of(old.data, old.len);
		AUTO(content) struct content is = content_of(new.data, new.len);
		AUTO(attempt) struct attempt members;
		AUTO(attempt) struct attempt bytes;

		attempt_init(&members, DELTA_MEMBERS);
		attempt_init(&bytes, DELTA_BYTES);
		/* Proves by itself that the writer makes the new archive. */
		assert_ok(attempt_members(&members, &was, &is, &err), &err);
		assert_ok(attempt_bytes(&bytes, &was, &is, &err), &err);
		assert_true(members.estimate < bytes.estimate / 3);
	}
}

/* An archive in an archive, deflated once more or stored. */
static void add_nested(struct buf *zip, const char *text, uint8_t setting)
{
	AUTO(buf) struct buf inner = BUF_INIT(BYTES_MOST);

	add_all_settings(&inner, text);
	zip_end(&inner);
	zip_add(zip, &(struct zip_member){.name = "a.txt", .data = "first", .len = 5, .setting = 6});
	zip_add(zip,
		&(struct zip_member){.name = "inner.jar", .data = inner.data, .len = inner.len, .setting = setting});
	zip_add(zip, &(struct zip_member){.name = "empty", .data = "", .len = 0, .setting = 6});
	zip_end(zip);
}

TEST_CASE(test_archives_in_archives_are_made_again)
{
	static const uint8_t settings[] = {0, MEMBERS_USUAL_SETTING};

	for (size_t i = 0; i < sizeof(settings); i++) {
		AUTO(buf) struct buf old = BUF_INIT(BYTES_MOST);
		AUTO(buf) struct buf new = BUF_INIT(BYTES_MOST);
		AUTO(attempt) struct attempt members;
		struct error err;

		add_nested(&old, "it was like this", settings[i]);
		add_nested(&new, "it is like this, rather", settings[i]);
		{
			AUTO(content) struct content was = content_of(old.data, old.len);
			AUTO(content) struct content is = content_of(new.data, new.len);

			attempt_init(&members, DELTA_MEMBERS);
			assert_ok(attempt_members(&members, &was, &is, &err), &err);
			assert_true(members.estimate < new.len / 3);
		}
	}
}

TEST_CASE(test_a_member_that_zlib_does_not_make_again_stays_as_it_is)
{
	AUTO(buf) struct buf zip = BUF_INIT(BYTES_MOST);
	AUTO(free) uint8_t *noise = payload_noise(3, 50000);
	AUTO(attempt) struct attempt members;
	struct error err;

	zip_add(&zip, &(struct zip_member){.name = "good", .data = noise, .len = 20000, .setting = 6});
	zip_add(&zip, &(struct zip_member){.name = "strange", .data = noise, .len = 50000, .setting = ZIP_STRANGE});
	zip_end(&zip);
	{
		AUTO(content) struct content content = content_of(zip.data, zip.len);

		attempt_init(&members, DELTA_MEMBERS);
		assert_ok(attempt_members(&members, &content, &content, &err), &err);
	}
}

static int inflate_bytes(const void *data, size_t len, int scratch_fd, struct members *ret_members, struct error *err)
{
	AUTO(content) struct content content = content_of(data, len);

	return members_inflate(content.fd, content.len, scratch_fd, ret_members, err);
}

TEST_CASE(test_a_bomb_is_refused)
{
	AUTO(buf) struct buf zip = BUF_INIT(BYTES_MOST);
	AUTO(buf) struct buf one = BUF_INIT(BYTES_MOST);
	AUTO(free) uint8_t *zeros = calloc(1, BYTES_MOST);
	AUTO(fd) int nowhere_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct members members;
	struct error err;

	zip_add(&one, &(struct zip_member){.name = "zeros", .data = zeros, .len = BYTES_MOST, .setting = 1});
	for (uint64_t len = 0; len <= MEMBERS_INFLATED_MOST; len += BYTES_MOST)
		assert_ok(buf_append(&zip, one.data, one.len, &err), &err);
	assert_int_equal(inflate_bytes(zip.data, zip.len, nowhere_fd, &members, &err), -1);
	assert_error(&err, ERROR_REFUSED, "too much");
}

/* Members that begin inside each other: each attempt counts, so that they end. */
TEST_CASE(test_too_many_members_are_refused)
{
	AUTO(buf) struct buf zip = BUF_INIT(BYTES_MOST);
	AUTO(fd) int nowhere_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct members members;
	struct error err;

	for (uint32_t i = 0; i <= MEMBERS_MOST; i++)
		zip_add(&zip, &(struct zip_member){.name = "", .data = "", .len = 0, .setting = 6});
	assert_int_equal(inflate_bytes(zip.data, zip.len, nowhere_fd, &members, &err), -1);
	assert_error(&err, ERROR_REFUSED, "members");
}

TEST_CASE(test_what_is_cut_or_spoilt_inflates_to_no_harm)
{
	AUTO(buf) struct buf zip = BUF_INIT(BYTES_MOST);

	add_nested(&zip, "text", MEMBERS_USUAL_SETTING);
	for (size_t i = 0; i < zip.len; i += zip.len / 60) {
		for (int cut = 0; cut < 2; cut++) {
			AUTO(members) struct members members = {0};
			AUTO(content) struct content scratch = CONTENT_INIT;
			struct error err = {0};

			assert_ok(content_scratch(&scratch, &err), &err);
			zip.data[i] ^= 0x55;
			if (inflate_bytes(zip.data, cut ? i : zip.len, scratch.fd, &members, &err) < 0)
				assert_int_equal(err.code, ERROR_NOT_FOUND);
			zip.data[i] ^= 0x55;
		}
	}
}

static int count(void *context, const void *data, size_t len, struct error *err)
{
	(void)data;
	(void)err;
	*(size_t *)context += len;
	return 0;
}

struct piece {
	enum members_piece_kind kind;
	uint8_t setting;
	uint32_t len;
};

/* Writes an archive of these pieces and BYTES bytes; gives what it says. */
static int write_pieces(const struct piece *pieces, uint32_t pieces_count, size_t bytes, struct error *err)
{
	AUTO(members_writer) struct members_writer *writer = NULL;
	AUTO(buf) struct buf stream = BUF_INIT(BYTES_MOST);
	size_t written = 0;
	uint8_t head[MEMBERS_HEAD_SIZE] = {(uint8_t)pieces_count, (uint8_t)(pieces_count >> 8),
		(uint8_t)(pieces_count >> 16), (uint8_t)(pieces_count >> 24)};
	char *room;

	assert_ok(members_writer_new(count, &written, &writer, err), err);
	assert_ok(buf_append(&stream, head, sizeof(head), err), err);
	for (uint32_t i = 0; pieces && i < pieces_count; i++)
		assert_ok(members_piece_append(&stream, pieces[i].kind, pieces[i].setting, pieces[i].len, err), err);
	assert_ok(buf_extend(&stream, bytes, &room, err), err);
	memset(room, 'x', bytes);
	for (size_t i = 0; i < stream.len; i++) /* whatever the pieces that the bytes come in */
		if (members_writer_put(writer, (const uint8_t *)stream.data + i, 1, err) < 0)
			return -1;
	return members_writer_end(writer, err);
}

TEST_CASE(test_pieces_that_make_no_sense_are_refused)
{
	static const struct {
		struct piece pieces[4];
		uint32_t count;
		size_t bytes;
	} rows[] = {
		{{{MEMBERS_PLAIN, 0, 5}}, 1, 6},		       /* bytes behind the last */
		{{{MEMBERS_PLAIN, 0, 5}}, 1, 4},		       /* and too few */
		{{{MEMBERS_CLOSE, 0, 0}}, 1, 0},		       /* nothing is open */
		{{{MEMBERS_OPEN, 6, 0}}, 1, 0},			       /* never closed */
		{{{MEMBERS_OPEN, 6, 0}, {MEMBERS_OPEN, 6, 0}}, 2, 0},  /* too deep */
		{{{MEMBERS_OPEN, 6, 1}, {MEMBERS_CLOSE, 0, 0}}, 2, 1}, /* an opening has no bytes */
		{{{MEMBERS_DEFLATED, 0, 5}}, 1, 5},		       /* level 0 */
		{{{MEMBERS_DEFLATED, 10, 5}}, 1, 5},		       /* level 10 */
		{{{MEMBERS_DEFLATED, 0xe6, 5}}, 1, 5},		       /* no such strategy */
		{{{(enum members_piece_kind)4, 6, 5}}, 1, 5},	       /* no such kind */
	};
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(write_pieces(rows[i].pieces, rows[i].count, rows[i].bytes, &err), -1);
		assert_int_equal(err.code, ERROR_REFUSED);
	}
	assert_int_equal(write_pieces(NULL, 0, 0, &err), -1);
	assert_error(&err, ERROR_REFUSED, "0 pieces");
	assert_int_equal(write_pieces(NULL, MEMBERS_PIECES_MOST + 1, 0, &err), -1);
	assert_error(&err, ERROR_REFUSED, "are the most");
}

TEST_CASE(test_pieces_may_be_empty_and_come_byte_by_byte)
{
	static const struct piece pieces[] = {{MEMBERS_PLAIN, 0, 0}, {MEMBERS_DEFLATED, 6, 0},
		{MEMBERS_OPEN, 0x19, 0}, {MEMBERS_DEFLATED, 9, 7}, {MEMBERS_PLAIN, 0, 3}, {MEMBERS_CLOSE, 0, 0},
		{MEMBERS_PLAIN, 0, 1}};
	struct error err;

	assert_ok(write_pieces(pieces, ARRAY_SIZE(pieces), 11, &err), &err);
}

TESTS(NULL, NULL)
