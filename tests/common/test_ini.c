#include "tests/support/test.h"

#include <stdio.h>

#include "common/ini.h"

/* Settings as "section.key=value@line;" one behind the other; a key "refused" is refused. */
static int keep(void *context, const char *section, const char *key, const char *value, int line, struct error *err)
{
	if (strcmp(key, "refused") == 0)
		return error_set(err, ERROR_INPUT, "nobody knows '%s'", key);
	return buf_printf(context, err, "%s.%s=%s@%d;", section, key, value, line);
}

static int parse(const char *text, size_t len, struct buf *ret_settings, struct error *err)
{
	AUTO(buf) struct buf bytes = BUF_INIT(INI_MAX_BYTES);

	assert_int_equal(buf_append(&bytes, text, len, NULL), 0);
	return ini_parse_text("test.conf", &bytes, keep, ret_settings, err);
}

TEST_CASE(test_hands_over_each_setting_with_its_line)
{
	static const struct {
		const char *text, *settings;
	} rows[] = {
		{"", ""},
		{"\n\n", ""},
		{"[a]\nk = v\n", "a.k=v@2;"},
		{"[a]\r\nk=v\r\n\r\nl=w\r\n", "a.k=v@2;a.l=w@4;"},
		{"k = v", ".k=v@1;"},
		{"[a]\n# note\n; note\n\nk = v ; note\n", "a.k=v@5;"},
		{"[a]\nk =\n", "a.k=@2;"},
		{"[a]\nk = \xe9\x85\x8d\xe4\xbf\xa1\n", "a.k=\xe9\x85\x8d\xe4\xbf\xa1@2;"},
		{"[a]\nk = one\n  two\nl = v\n", "a.k=one@2;a.k=two@3;a.l=v@4;"}, /* a continuation line */
		{"[a]\nk: v\n[b]\nk = w = x\n", "a.k=v@2;b.k=w = x@4;"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(buf) struct buf settings = BUF_INIT(1000);
		struct error err = {0};

		assert_ok(parse(rows[i].text, strlen(rows[i].text), &settings, &err), &err);
		assert_string_equal(buf_text(&settings), rows[i].settings);
	}
}

TEST_CASE(test_names_file_and_line_of_what_is_wrong)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{"\xef\xbb\xbf[a]\n", "test.conf:1: the file begins with a byte order mark"},
		{"\xff\xfe[\0", "test.conf:1: the file is UTF-16"},
		{"[a]\nk = v\nk = \x94\x7a\x90\x4d\n", "test.conf:3: not UTF-8 (Shift-JIS?)"},
		{"[a]\n\nword\n", "test.conf:3: neither a [section] nor 'key = value'"},
		{"[a\nk = v\n", "test.conf:1: neither a [section] nor 'key = value'"},
		{"[a]\nk = v\nrefused = x\nword\n", "test.conf:3: nobody knows 'refused'"},
		{"[a]\nword\nrefused = x\n", "test.conf:2: neither a [section]"},
		{"[a]\nk = one\n  two\nrefused = x\n", "test.conf:4: nobody knows 'refused'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(buf) struct buf settings = BUF_INIT(1000);
		struct error err = {0};

		assert_int_equal(parse(rows[i].text, strlen(rows[i].text), &settings, &err), -1);
		assert_error(&err, ERROR_INPUT, rows[i].expected);
	}
}

TEST_CASE(test_refuses_a_nul_byte)
{
	AUTO(buf) struct buf settings = BUF_INIT(1000);
	struct error err = {0};

	assert_int_equal(parse("[a]\nk = v\0x\n", 12, &settings, &err), -1);
	assert_error(&err, ERROR_INPUT, "test.conf:2: a NUL byte");
}

TEST_CASE(test_takes_or_names_a_line_of_any_length)
{
	for (size_t len = 1; len < 5000; len += 97) {
		AUTO(buf) struct buf settings = BUF_INIT(INI_MAX_BYTES), text = BUF_INIT(INI_MAX_BYTES);
		struct error err = {0};

		assert_ok(buf_printf(&text, &err, "[a]\nl = w\nk = %0*d\nm = x\n", (int)len, 0), &err);
		if (parse(buf_text(&text), text.len, &settings, &err) < 0) {
			assert_error(&err, ERROR_INPUT, "test.conf:3: the line is longer than");
			assert_true(len > 100);
		} else {
			assert_non_null(strstr(buf_text(&settings), "@3;a.m=x@4;"));
			assert_true(settings.len > len);
		}
	}
}

TESTS(NULL, NULL)
