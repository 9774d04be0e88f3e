#include "tests/support/test.h"

#include "manifests/keys/canonical_json.h"

static void assert_canonical_bytes(const char *json, size_t len, const char *expected, size_t expected_len)
{
	AUTO(buf) struct buf bytes = BUF_INIT(65536);
	AUTO(json) json_t *value = NULL;
	struct error err;

	if (!(value = json_parse(json, len, &err)))
		fail_msg("%s: %s", json, err.text);
	assert_ok(canonical_json_write(value, &bytes, &err), &err);
	assert_int_equal(bytes.len, expected_len);
	assert_memory_equal(bytes.data, expected, expected_len);
	assert_true(bytes.len <= len);
}

static void assert_canonical(const char *json, const char *expected)
{
	assert_canonical_bytes(json, strlen(json), expected, strlen(expected));
}

static void assert_has_no_canonical_form(const char *json, const char *why)
{
	AUTO(buf) struct buf bytes = BUF_INIT(65536);
	AUTO(json) json_t *value = NULL;
	struct error err;

	if (!(value = json_parse(json, strlen(json), &err)))
		fail_msg("%s: %s", json, err.text);
	assert_int_equal(canonical_json_write(value, &bytes, &err), -1);
	assert_error(&err, ERROR_INPUT, why);
}

TEST_CASE(test_sorts_members_by_the_bytes_of_their_names)
{
	assert_canonical("{\"b\":1,\"a\":2,\"B\":3,\"\":4,\"ab\":5}", "{\"\":4,\"B\":3,\"a\":2,\"ab\":5,\"b\":1}");
	/* U+FF61 sorts before U+1F600 by code point and by UTF-8 byte, but after it by UTF-16 unit. */
	assert_canonical("{\"\\ud83d\\ude00\":1,\"\\uff61\":2}", "{\"\xef\xbd\xa1\":2,\"\xf0\x9f\x98\x80\":1}");
}

TEST_CASE(test_drops_white_space_but_keeps_it_inside_strings)
{
	assert_canonical(" {\r\n\t\"a\" : [ 1 , { } , [ ] , \" x \" ] }\n", "{\"a\":[1,{},[],\" x \"]}");
}

TEST_CASE(test_escapes_only_quotes_and_backslashes)
{
	assert_canonical("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u001f\\u007f\\u00e9\"}",
		"{\"a\":\"\\\"\\\\/\b\f\n\r\t\x1f\x7f\xc3\xa9\"}");
	assert_canonical("{\"\\\"q\\\\\":1}", "{\"\\\"q\\\\\":1}");
}

TEST_CASE(test_does_not_normalize_text)
{
	assert_canonical("{\"e\\u0301\":1,\"\\u00e9\":2}", "{\"e\xcc\x81\":1,\"\xc3\xa9\":2}");
}

TEST_CASE(test_keeps_the_character_zero)
{
	static const char expected[] = "{\"a\":\"x\0y\"}";

	assert_canonical_bytes(
		"{\"a\":\"x\\u0000y\"}", strlen("{\"a\":\"x\\u0000y\"}"), expected, sizeof(expected) - 1);
}

TEST_CASE(test_keeps_every_digit_of_an_integer)
{
	assert_canonical("{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":9007199254740993,\"d\":-0}",
		"{\"a\":9223372036854775807,\"b\":-9223372036854775808,\"c\":9007199254740993,\"d\":0}");
}

TEST_CASE(test_writes_true_false_and_null)
{
	assert_canonical("{\"a\":[true,false,null]}", "{\"a\":[true,false,null]}");
}

TEST_CASE(test_refuses_floating_point_numbers)
{
	assert_has_no_canonical_form("{\"a\":1.0}", "floating-point");
	assert_has_no_canonical_form("{\"a\":[{\"b\":1e3}]}", "floating-point");
}

TEST_CASE(test_refuses_nesting_beyond_its_limit)
{
	char text[2 * CANONICAL_JSON_MAX_DEPTH + 64] = "{\"a\":";
	size_t len = strlen(text);

	for (int i = 0; i < CANONICAL_JSON_MAX_DEPTH; i++)
		text[len++] = '[';
	for (int i = 0; i < CANONICAL_JSON_MAX_DEPTH; i++)
		text[len++] = ']';
	text[len++] = '}';
	text[len] = '\0';
	assert_has_no_canonical_form(text, "nested deeper");
}

TEST_CASE(test_refuses_what_does_not_fit_the_buffer)
{
	AUTO(buf) struct buf bytes = BUF_INIT(8);
	AUTO(json) json_t *value = json_pack("{s:s}", "name", "value");
	struct error err;

	assert_int_equal(canonical_json_write(value, &bytes, &err), -1);
	assert_error(&err, ERROR_REFUSED, "8 bytes");
}

TESTS(NULL, NULL)
