#include "tests/support/test.h"

#include "common/buf.h"

TEST_CASE(test_is_empty_text_before_the_first_byte)
{
	struct buf buf = BUF_INIT(10);

	assert_string_equal(buf_text(&buf), "");
	buf_clear(&buf);
	buf_wipe(&buf);
}

TEST_CASE(test_is_followed_by_a_nul_whatever_it_holds)
{
	AUTO(buf) struct buf buf = BUF_INIT(1000);
	struct error err = {0};

	for (size_t i = 1; i <= 1000; i++) {
		assert_ok(buf_append(&buf, "x", 1, &err), &err);
		assert_int_equal(buf.len, i);
		assert_int_equal(buf.data[i], '\0');
	}
	assert_ok(buf_append(&buf, NULL, 0, &err), &err);
}

TEST_CASE(test_gives_room_to_fill_in_behind_what_it_holds)
{
	AUTO(buf) struct buf buf = BUF_INIT(6);
	struct error err = {0};
	char *room;

	assert_ok(buf_append(&buf, "ab", 2, &err), &err);
	assert_ok(buf_extend(&buf, 4, &room, &err), &err);
	memcpy(room, "cdef", 4);
	assert_int_equal(buf.len, 6);
	assert_string_equal(buf_text(&buf), "abcdef");
	assert_int_equal(buf_extend(&buf, 1, &room, &err), -1);
	assert_error(&err, ERROR_REFUSED, "more than the 6 bytes");
}

TEST_CASE(test_never_outgrows_its_limit)
{
	AUTO(buf) struct buf buf = BUF_INIT(4);
	struct error err = {0};

	assert_ok(buf_append(&buf, "abcd", 4, &err), &err);
	assert_int_equal(buf_append(&buf, "e", 1, &err), -1);
	assert_error(&err, ERROR_REFUSED, "more than the 4 bytes");
	assert_int_equal(buf_append(&buf, "e", SIZE_MAX, &err), -1);
	assert_int_equal(buf_printf(&buf, &err, "%d", 5), -1);
	assert_string_equal(buf_text(&buf), "abcd");
}

TEST_CASE(test_formats_behind_what_it_holds)
{
	AUTO(buf) struct buf buf = BUF_INIT(100);
	struct error err = {0};

	assert_ok(buf_printf(&buf, &err, "%s-%d", "a", 1), &err);
	assert_ok(buf_printf(&buf, &err, ";%c", 'b'), &err);
	assert_string_equal(buf_text(&buf), "a-1;b");
}

TEST_CASE(test_can_be_used_again_when_empty_and_after_clear)
{
	AUTO(buf) struct buf buf = BUF_INIT(4);
	struct error err = {0};

	assert_ok(buf_append(&buf, "abcd", 4, &err), &err);
	buf_empty(&buf);
	assert_string_equal(buf_text(&buf), "");
	assert_ok(buf_append(&buf, "efgh", 4, &err), &err);
	buf_clear(&buf);
	assert_ok(buf_append(&buf, "ijkl", 4, &err), &err);
	assert_string_equal(buf_text(&buf), "ijkl");
	buf_wipe(&buf);
	assert_int_equal(buf.len, 0);
	assert_int_equal(buf.limit, 4);
}

TESTS(NULL, NULL)
