#include "tests/support/test.h"

#include "manifests/keys/canonical_json.h"
#include "manifests/tuf/metadata_json.h"

/* What the reader made of a text, as canonical JSON. */
static void assert_reads_bytes(const char *text, size_t len, const char *expected, size_t expected_len)
{
	AUTO(buf) struct buf bytes = BUF_INIT(65536);
	AUTO(json) json_t *value = NULL;
	struct error err;

	if (!(value = metadata_json_parse(text, len, &err)))
		fail_msg("%s: %s", text, err.text);
	assert_ok(canonical_json_write(value, &bytes, &err), &err);
	assert_int_equal(bytes.len, expected_len);
	assert_memory_equal(bytes.data, expected, expected_len);
}

#define assert_reads(text, expected) assert_reads_bytes(text, sizeof(text) - 1, expected, sizeof(expected) - 1)

static void assert_refused(const char *text, const char *why)
{
	AUTO(json) json_t *value = NULL;
	struct error err = {0};

	if ((value = metadata_json_parse(text, strlen(text), &err)))
		fail_msg("'%s' was taken", text);
	assert_error(&err, ERROR_INPUT, why);
}

TEST_CASE(test_reads_every_kind_of_value)
{
	assert_reads(" {\"a\" : [ 1 , -2 , true , false , null , \"x\" , { } , [ ] ] }\r\n\t",
		"{\"a\":[1,-2,true,false,null,\"x\",{},[]]}");
	assert_reads("{\"a\":0,\"b\":-0,\"c\":9223372036854775807,\"d\":-9223372036854775808}",
		"{\"a\":0,\"b\":0,\"c\":9223372036854775807,\"d\":-9223372036854775808}");
}

TEST_CASE(test_reads_every_escape)
{
	assert_reads("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "{\"a\":\"\\\"\\\\/\b\f\n\r\t\"}");
	assert_reads("{\"a\":\"\\u0041\\u00e9\\u65e5\\ud83d\\ude00\\uDBFF\\uDFFF\"}",
		"{\"a\":\"A\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\"}");
}

TEST_CASE(test_names_and_strings_may_hold_the_character_zero)
{
	assert_reads("{\"a\\u0000b\":\"\\u0000\",\"a\":1,\"a\\u0000\":2}", "{\"a\":1,\"a\0\":2,\"a\0b\":\"\0\"}");
}

TEST_CASE(test_refuses_names_given_twice_however_they_are_spelled)
{
	assert_refused("{\"a\":1,\"a\":1}", "a member's name for the second time at byte 10");
	assert_refused("{\"a\":1,\"\\u0061\":1}", "second time");
	assert_refused("{\"a\\u0000\":1,\"a\\u0000\":1}", "second time");
}

TEST_CASE(test_refuses_what_json_does_not_allow)
{
	static const char *const texts[] = {"", " ", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
		"{\"a\":1,}", "{,}", "{\"a\" 1}", "{a:1}", "{'a':1}", "{\"a\":}", "{\"a\":[}", "{\"a\":[1,]}",
		"{\"a\":[,1]}", "{\"a\":[1 2]}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":-}", "{\"a\":.5}", "{\"a\":1.}",
		"{\"a\":1e}", "{\"a\":1e+}", "{\"a\":0x1}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":True}",
		"{\"a\":nul}", "{\"a\":\"}", "{\"a\":\"\\\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
		"{\"a\":\"\\u12g4\"}", "{\"a\":\"\n\"}", "{\"a\":\"\x01\"}", "{}{}", "{} x", "{}//",
		"\xef\xbb\xbf{}"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], "not JSON");
}

TEST_CASE(test_refuses_lone_surrogates_and_bad_utf8)
{
	assert_refused("{\"a\":\"\\ud800\"}", "a lone surrogate");
	assert_refused("{\"a\":\"\\udc00\"}", "a lone surrogate");
	assert_refused("{\"a\":\"\\ud800\\ud800\"}", "a lone surrogate");
	assert_refused("{\"a\":\"\\ud800x\"}", "a lone surrogate");
	assert_refused("{\"a\":\"\xff\"}", "not UTF-8");
	assert_refused("{\"a\":\"\xc0\x80\"}", "not UTF-8");
	assert_refused("{\"a\":\"\xed\xa0\x80\"}", "not UTF-8");
}

TEST_CASE(test_refuses_integers_beyond_64_bits)
{
	assert_refused("{\"a\":9223372036854775808}", "an integer beyond 64 bits");
	assert_refused("{\"a\":-9223372036854775809}", "an integer beyond 64 bits");
	assert_refused("{\"a\":100000000000000000000000000000000}", "an integer beyond 64 bits");
}

TEST_CASE(test_refuses_a_document_that_is_no_object)
{
	static const char *const texts[] = {"[]", "1", "\"a\"", "true", "null"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_refused(texts[i], "a document that is no object");
}

TEST_CASE(test_bounds_nesting)
{
	char text[2 * METADATA_JSON_MAX_DEPTH + 64] = "{\"a\":";
	size_t len = strlen(text);
	AUTO(json) json_t *value = NULL;
	struct error err;

	for (int i = 0; i < METADATA_JSON_MAX_DEPTH - 1; i++)
		text[len++] = '[';
	for (int i = 0; i < METADATA_JSON_MAX_DEPTH - 1; i++)
		text[len++] = ']';
	text[len++] = '}';
	value = metadata_json_parse(text, len, &err);
	assert_non_null(value);
	memmove(text + 6, text + 5, len - 5);
	assert_refused(text, "nesting that is too deep");
}

TEST_CASE(test_a_byte_zero_ends_nothing_quietly)
{
	struct error err = {0};

	assert_null(metadata_json_parse("{}\0", 3, &err));
	assert_error(&err, ERROR_INPUT, "something behind the end");
	assert_null(metadata_json_parse("{\"a\0\":1}", 8, &err));
	assert_error(&err, ERROR_INPUT, "a control character");
	assert_null(metadata_json_parse("{\"a\":true\0}", 11, &err));
	assert_error(&err, ERROR_INPUT, "no '}' at the end of an object");
}

TESTS(NULL, NULL)
