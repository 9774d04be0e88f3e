/* Command lines: what is taken for an option, for its value, and for an argument. */
#include <string.h>

#include "common/auto.h"
#include "tests/support/test.h"
#include "common/command_line/args.h"

static const struct args_option everywhere[] = {{"json", NULL, "as JSON"}, {0}};
static const struct args_option own[] = {{"why", "TEXT", "the reason"}, {"limit", "COUNT", "at most"}, {0}};

/* WORDS are ended by NULL. */
static int read_words(struct args *args, const char *const *words, struct error *err)
{
	static const struct args_option *const tables[] = {everywhere, own, NULL};
	int count = 0;

	while (words[count])
		count++;
	return args_init(args, tables, count, (char **)words, err);
}

TEST_CASE(test_takes_options_and_arguments_in_any_order)
{
	static const char *const words[] = {"hold", "--why", "--json", "face", "--why=later", "--", "--x", NULL};
	struct error err = {0};
	struct args args;

	assert_ok(read_words(&args, words, &err), &err);
	assert_string_equal(args_nth(&args, "why", 0), "--json"); /* whatever stands behind it is its value */
	assert_string_equal(args_get(&args, "why"), "later");
	assert_false(args_has(&args, "json"));
	assert_string_equal(args_positional(&args, 0), "hold");
	assert_string_equal(args_positional(&args, 1), "face");
	assert_string_equal(args_positional(&args, 2), "--x");
	assert_null(args_positional(&args, 3));
	assert_null(args_wrong(&args));
}

TEST_CASE(test_says_what_is_wrong_with_an_option)
{
	static const struct {
		const char *words[3];
		const char *wrong;
		const char *text;
	} rows[] = {
		{{"a", "--whither"}, "--whither", "there is no option '--whither'"},
		{{"a", "-j"}, "-j", "there is no option '-j'"},
		{{"a", "--why"}, "--why", "--why needs a value: TEXT"},
		{{"--json=yes", "a"}, "--json=yes", "--json takes no value"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};
		struct args args;

		assert_int_equal(read_words(&args, rows[i].words, &err), -1);
		assert_error(&err, ERROR_USAGE, rows[i].text);
		assert_string_equal(args_wrong(&args), rows[i].wrong);
	}
}

TEST_CASE(test_takes_whole_numbers_within_their_bounds_only)
{
	static const char *const none[] = {NULL};
	static const char *const wrong[] = {"", "0", "101", "5x", "99999999999999999999"};
	struct error err = {0};
	struct args args;
	int64_t limit = 7;

	assert_ok(read_words(&args, none, &err), &err);
	assert_ok(args_integer(&args, "limit", 1, 100, &limit, &err), &err);
	assert_int_equal(limit, 7); /* left alone */
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *words[] = {"--limit", wrong[i], NULL};

		assert_ok(read_words(&args, words, &err), &err);
		assert_int_equal(args_integer(&args, "limit", 1, 100, &limit, &err), -1);
		assert_error(&err, ERROR_USAGE, "is not a number from 1 to 100");
	}
	assert_int_equal(limit, 7);
}

TESTS(NULL, NULL)
