#include "tests/support/test.h"

#include <stdlib.h>

#include "manifests/base/json_table.h"

static int count_row(void *context, size_t number, const json_t *row, struct error *err)
{
	int64_t *sum = context;
	int64_t value;

	assert_true(number < 100);
	if (json_want_integer(row, "n", 0, 100, &value, err) < 0)
		return -1;
	*sum += value;
	return 0;
}

/* The sum of "n" in the rows of "rows"; the rest of the document in RET_REST where that is not NULL. */
static int64_t sum_of(const char *text, json_t **ret_rest, struct error *err)
{
	int64_t sum = 0;
	json_t *rest = json_table_parse(text, strlen(text), "rows", count_row, &sum, err);

	if (!rest)
		return -1;
	if (ret_rest)
		*ret_rest = rest;
	else
		json_decref(rest);
	return sum;
}

TEST_CASE(test_hands_over_rows_wherever_the_array_stands)
{
	static const struct {
		const char *text;
		int64_t sum;
	} rows[] = {
		{"{\"rows\":[]}", 0},
		{"{\"rows\":[{\"n\":1}]}", 1},
		{" { \"rows\" : [ { \"n\" : 1 } , { \"n\" : 2 } ] } \n", 3},
		{"{\"a\":{\"rows\":[7],\"b\":\"}]\\\"\"},\"c\":[1,[2,{}],\"]\"],\"rows\":[{\"n\":4}],\"z\":null}", 4},
		{"{\"row\":1,\"rowss\":[],\"rows\":[{\"n\":5,\"deep\":[{\"n\":9}]}]}", 5},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err = {0};

		if (sum_of(rows[i].text, NULL, &err) != rows[i].sum)
			fail_msg("%s: %s", rows[i].text, err.text);
	}
}

TEST_CASE(test_gives_the_rest_with_an_empty_array)
{
	struct error err = {0};
	json_t *rest = NULL;

	assert_int_equal(sum_of("{\"a\":1,\"rows\":[{\"n\":3}],\"b\":[2]}", &rest, &err), 3);
	assert_int_equal(json_object_size(rest), 3);
	assert_int_equal(json_array_size(json_object_get(rest, "rows")), 0);
	assert_int_equal(json_array_size(json_object_get(rest, "b")), 1);
	json_decref(rest);
}

TEST_CASE(test_refuses_what_is_not_such_a_document)
{
	static const struct {
		const char *text;
		const char *says;
	} rows[] = {
		{"", "not JSON"},
		{"{", "not JSON"},
		{"[]", "not a JSON object"},
		{"{}", "'rows' is missing or not an array"},
		{"{\"rows\":7}", "'rows' is missing or not an array"},
		{"{\"a\":{\"rows\":[]}}", "'rows' is missing or not an array"},
		{"{\"\\u0072ows\":[]}", "'rows' is missing or not an array"},
		{"{\"rows\":[7]}", "row 0 is not an object"},
		{"{\"rows\":[{\"n\":1},]}", "row 1 is not an object"},
		{"{\"rows\":[{\"n\":1}", "neither ',' nor ']'"},
		{"{\"rows\":[{\"n\":1} {\"n\":2}]}", "neither ',' nor ']'"},
		{"{\"rows\":[{\"n\":1,\"n\":2}]}", "not JSON: row 0"},
		{"{\"rows\":[{\"n\":1}]", "not JSON"},
		{"{\"rows\":[{\"n\":1}]} x", "not JSON"},
		{"{\"rows\":[{\"n\":1}],\"rows\":[]}", "not JSON"},
		{"{\"a\":tru,\"rows\":[]}", "not JSON"},
		{"{\"a\":],\"rows\":[]}", "not JSON"},
		{"{\"a\\", "not JSON"},
		{"{\"a\":\"\\", "not JSON"},
		{"{\"rows\":[{\"n\":101}]}", "'n' is 101"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err = {0};
		char *exact = malloc(
			strlen(rows[i].text) ? strlen(rows[i].text) : 1); /* exact, so that reading beyond it shows */
		int64_t sum = 0;

		memcpy(exact, rows[i].text, strlen(rows[i].text));
		assert_null(json_table_parse(exact, strlen(rows[i].text), "rows", count_row, &sum, &err));
		assert_error(&err, ERROR_INPUT, rows[i].says);
		free(exact);
	}
}

TESTS(NULL, NULL)
