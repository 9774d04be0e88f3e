#include "tests/support/test.h"

#include "common/json.h"

static json_t *parse(const char *text, struct error *err)
{
	return json_parse(text, strlen(text), err);
}

TEST_CASE(test_refuses_what_is_not_exactly_one_object)
{
	static const char *const texts[] = {"", "[]", "1", "null", "{", "{} x", "{}{}", "{\"a\":1,\"a\":2}",
		"{\"a\":01}", "{\"a\":'b'}", "{a:1}", "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}",
		"{\"a\":99999999999999999999}", "{\"a\":1e999}", "{\"a\":NaN}", "{\"a\":1,}", "\xef\xbb\xbf{}"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct error err = {0};

		assert_null(parse(texts[i], &err));
		assert_error(&err, ERROR_INPUT, "not");
	}
}

TEST_CASE(test_survives_nesting_without_end)
{
	static char text[200000];
	struct error err = {0};

	for (size_t i = 0; i + 5 < sizeof(text); i += 5)
		memcpy(text + i, "{\"a\":", 5);
	assert_null(json_parse(text, sizeof(text), &err));
	assert_error(&err, ERROR_INPUT, "not JSON");
}

TEST_CASE(test_writes_members_in_the_order_they_were_set)
{
	AUTO(buf) struct buf text = BUF_INIT(1000);
	struct error err = {0};
	AUTO(json) json_t *object = parse(" {\"b\": 1, \"a\": [true, null, \"\xe9\x85\x8d\"] } \n", &err);

	assert_non_null(object);
	assert_ok(json_write(object, &text, &err), &err);
	assert_string_equal(buf_text(&text), "{\"b\":1,\"a\":[true,null,\"\xe9\x85\x8d\"]}");
}

TEST_CASE(test_indents_for_people)
{
	AUTO(buf) struct buf text = BUF_INIT(1000);
	struct error err = {0};
	AUTO(json) json_t *object = parse("{\"a\":1}", &err);

	assert_ok(json_write_pretty(object, &text, &err), &err);
	assert_string_equal(buf_text(&text), "{\n \"a\": 1\n}");
}

TEST_CASE(test_does_not_write_beyond_the_limit)
{
	AUTO(buf) struct buf text = BUF_INIT(3);
	struct error err = {0};
	AUTO(json) json_t *object = parse("{\"a\":1}", &err);

	assert_int_equal(json_write(object, &text, &err), -1);
	assert_error(&err, ERROR_FAILED, "within 3 bytes");
}

TEST_CASE(test_names_a_member_that_is_missing_or_of_another_type)
{
	const json_t *value = NULL;
	const char *string = "kept";
	int64_t integer = 7;
	struct error err = {0};
	AUTO(json) json_t *object = parse("{\"n\":null,\"s\":\"x\",\"z\":\"a\\u0000b\",\"i\":5,\"r\":1.5}", &err);

	assert_int_equal(json_want_string(object, "a", &string, &err), -1);
	assert_error(&err, ERROR_INPUT, "member 'a' is missing");
	assert_int_equal(json_want_string(object, "n", &string, &err), -1);
	assert_error(&err, ERROR_INPUT, "member 'n' is not a string");
	assert_int_equal(json_want_string(object, "z", &string, &err), -1);
	assert_error(&err, ERROR_INPUT, "member 'z' holds U+0000");
	assert_int_equal(json_want_integer(object, "r", 0, 9, &integer, &err), -1);
	assert_error(&err, ERROR_INPUT, "member 'r' is not an integer");
	assert_int_equal(json_want_object(object, "s", &value, &err), -1);
	assert_error(&err, ERROR_INPUT, "member 's' is not an object");
	assert_int_equal(json_want_array(object, "s", &value, &err), -1);
	assert_error(&err, ERROR_INPUT, "member 's' is not an array");
	assert_string_equal(string, "kept");
	assert_int_equal(integer, 7);
}

TEST_CASE(test_holds_integers_to_their_bounds)
{
	int64_t integer = 0;
	struct error err = {0};
	AUTO(json) json_t *object = parse("{\"i\":5,\"m\":-9223372036854775808}", &err);

	assert_ok(json_want_integer(object, "i", 5, 5, &integer, &err), &err);
	assert_int_equal(integer, 5);
	assert_ok(json_want_integer(object, "m", INT64_MIN, 0, &integer, &err), &err);
	assert_true(integer == INT64_MIN);
	assert_int_equal(json_want_integer(object, "i", 6, 9, &integer, &err), -1);
	assert_error(&err, ERROR_INPUT, "member 'i' is 5, not between 6 and 9");
	assert_int_equal(json_want_integer(object, "i", 0, 4, &integer, &err), -1);
}

TEST_CASE(test_leaves_what_may_be_missing_alone)
{
	const json_t *value = NULL;
	const char *string = "kept";
	int64_t integer = 7;
	bool flag = true;
	struct error err = {0};
	AUTO(json) json_t *object = parse("{\"n\":null,\"f\":false,\"s\":\"x\",\"l\":[],\"o\":{}}", &err);

	assert_ok(json_may_string(object, "a", &string, &err), &err);
	assert_ok(json_may_string(object, "n", &string, &err), &err);
	assert_ok(json_may_integer(object, "n", 0, 1, &integer, &err), &err);
	assert_ok(json_may_bool(object, "n", &flag, &err), &err);
	assert_ok(json_may_array(object, "n", &value, &err), &err);
	assert_ok(json_may_object(object, "a", &value, &err), &err);
	assert_string_equal(string, "kept");
	assert_true(integer == 7 && flag && !value);
	assert_ok(json_may_bool(object, "f", &flag, &err), &err);
	assert_false(flag);
	assert_int_equal(json_may_bool(object, "s", &flag, &err), -1);
	assert_error(&err, ERROR_INPUT, "member 's' is neither true nor false");
	assert_ok(json_may_array(object, "l", &value, &err), &err);
	assert_true(json_is_array(value));
	assert_int_equal(json_may_object(object, "l", &value, &err), -1);
}

TEST_CASE(test_makes_an_object_of_members_or_none_at_all)
{
	AUTO(json) json_t *shared = json_string("x");
	AUTO(json)
	json_t *object = JSON_OBJECT({
		json_text("text", "a"),
		json_text_if("none", NULL),
		json_text_unless_empty("empty", ""),
		json_text_or_null("null", NULL),
		json_number("number", INT64_MIN),
		json_flag("flag", true),
		json_share("shared", shared),
	});
	AUTO(buf) struct buf text = BUF_INIT(256);
	struct error err = {0};

	assert_ok(json_write(object, &text, &err), &err);
	assert_string_equal(buf_text(&text),
		"{\"text\":\"a\",\"null\":null,\"number\":-9223372036854775808,\"flag\":true,\"shared\":\"x\"}");
	assert_null(JSON_OBJECT({json_text("a", "\xff"), json_take("b", json_array())}));
	assert_null(JSON_OBJECT({json_text("a", NULL)}));
	assert_null(JSON_OBJECT({json_take("a", NULL), json_share("b", shared)}));
	assert_null(JSON_OBJECT(
		{json_blame(&err), json_number("a", 1), json_text("name", "\xff"), json_take("c", NULL)}));
	assert_non_null(strstr(err.text, "'name'"));
}

TESTS(NULL, NULL)
