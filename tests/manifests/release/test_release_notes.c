/* What a release says of itself: text and nothing else, in bounds, the same when it is written and read again. */
#include "manifests/release/release_notes.h"

#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "manifests/base/arena.h"
#include "tests/support/test.h"

struct noted {
	struct release release;
	struct error err;
};

static int setup(void **state)
{
	struct noted *noted = calloc(1, sizeof(*noted));

	assert_non_null(noted);
	assert_non_null(noted->release.memory = arena_new(&noted->err));
	*state = noted;
	return 0;
}

static int teardown(void **state)
{
	struct noted *noted = *state;

	arena_free(noted->release.memory);
	free(noted);
	return 0;
}

TEST_CASE(test_keeps_them_by_language)
{
	struct noted *noted = *state;
	AUTO(json) json_t *lines = NULL;

	assert_ok(release_notes_add(&noted->release, "ja", "\n顔認証が速くなりました。\n詳しくは。\n", &noted->err), &noted->err);
	assert_ok(release_notes_add(&noted->release, "en", "Faster start.\n", &noted->err), &noted->err);
	assert_string_equal(noted->release.notes[0].language, "en");
	assert_non_null(lines = release_notes_headlines(&noted->release));
	assert_string_equal(json_string_value(json_object_get(lines, "ja")), "顔認証が速くなりました。");
	assert_string_equal(json_string_value(json_object_get(lines, "en")), "Faster start.");
	assert_int_equal(release_notes_add(&noted->release, "ja", "again", &noted->err), -1);
	assert_error(&noted->err, ERROR_INPUT, "twice");
}

TEST_CASE(test_refuses_what_acts_instead_of_being_shown)
{
	static const struct {
		const char *language, *text, *says;
	} rows[] = {
		{"en", "a\033[31mred", "line 1 holds a character that acts"},
		{"en", "one\ntwo\r", "line 2 holds"},
		{"en", "bell\a", "0x07"},
		{"en", "\tindented", "0x09"},
		{"en", "delete\x7f", "0x7f"},
		{"en", "c1 \xc2\x9b" "31m", "acts"},
		{"en", "override \xe2\x80\xae", "acts"},
		{"en", "isolate \xe2\x81\xa6", "acts"},
		{"en", "mark \xe2\x80\x8f", "acts"},
		{"en", "arabic mark \xd8\x9c", "acts"},
		{"en", "line \xe2\x80\xa8 separator", "acts"},
		{"en", "nothing \xe2\x80\x8b to see", "acts"},
		{"en", "\xef\xbb\xbf" "order", "acts"},
		{"en", "tag \xf3\xa0\x81\x81", "acts"},
		{"en", "Shift-JIS \x8a\xe7", "acts"},
		{"en", "overlong \xc0\xaf", "acts"},
		{"en", "", "empty"},
		{"en", " \n \n", "empty"},
		{"English", "text", "is no language"},
		{"e", "text", "is no language"},
		{"en/../ja", "text", "is no language"},
		{"", "text", "is no language"},
	};
	struct noted *noted = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};

		if (release_notes_add(&noted->release, rows[i].language, rows[i].text, &err) == 0)
			fail_msg("row %zu was taken", i);
		assert_error(&err, ERROR_INPUT, rows[i].says);
	}
	assert_int_equal(noted->release.notes_count, 0);
}

TEST_CASE(test_has_bounds)
{
	struct noted *noted = *state;
	char text[RELEASE_NOTE_MAX_BYTES + 2], language[8];

	memset(text, 'a', sizeof(text));
	text[RELEASE_NOTE_MAX_BYTES + 1] = '\0';
	assert_int_equal(release_notes_add(&noted->release, "en", text, &noted->err), -1);
	assert_error(&noted->err, ERROR_INPUT, "at most 4096");
	text[RELEASE_NOTE_MAX_BYTES] = '\0';
	for (int i = 0; i < RELEASE_MAX_NOTES; i++) {
		(void)snprintf(language, sizeof(language), "a%c", 'a' + i);
		assert_ok(release_notes_add(&noted->release, language, text, &noted->err), &noted->err);
	}
	assert_int_equal(release_notes_add(&noted->release, "zz", "one more", &noted->err), -1);
	assert_error(&noted->err, ERROR_INPUT, "at most 8 languages");
}

TEST_CASE(test_what_is_read_keeps_to_the_same_rules)
{
	static const char *const bad[] = {"{\"notes\":{\"en\":\"a\\u001b[2J\"}}", "{\"notes\":{\"en\":\"a\\u0000b\"}}",
		"{\"notes\":{\"en\":7}}", "{\"notes\":[]}", "{\"notes\":{\"en\":\"\\u202e\"}}"};
	struct noted *noted = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(json) json_t *json = json_parse(bad[i], strlen(bad[i]), &noted->err);

		assert_non_null(json);
		assert_int_equal(release_notes_read(json, &noted->release, &noted->err), -1);
		assert_int_equal(noted->err.code, ERROR_INPUT);
	}
}

TESTS(setup, teardown)
