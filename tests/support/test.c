#include "tests/support/test.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define TESTS_MOST 128

static struct listed {
	struct CMUnitTest test;
	bool is_usual; /* it has the set-up of its program */
	int line;
} listed[TESTS_MOST];
static size_t count;

void test_list(const char *name, CMUnitTestFunction run, bool is_usual, CMFixtureFunction set_up,
	CMFixtureFunction tear_down, int line)
{
	assert(count < TESTS_MOST);
	listed[count++] = (struct listed){
		.test = {.name = name, .test_func = run, .setup_func = set_up, .teardown_func = tear_down},
		.is_usual = is_usual,
		.line = line,
	};
}

/* Functions that run before main() may do so in any order. */
static int by_line(const void *a, const void *b)
{
	return ((const struct listed *)a)->line - ((const struct listed *)b)->line;
}

int test_run_all(CMFixtureFunction begin, CMFixtureFunction end, CMFixtureFunction set_up, CMFixtureFunction tear_down)
{
	struct CMUnitTest tests[TESTS_MOST];

	assert(count > 0);
	qsort(listed, count, sizeof(*listed), by_line);
	for (size_t i = 0; i < count; i++) {
		tests[i] = listed[i].test;
		if (!listed[i].is_usual)
			continue;
		tests[i].setup_func = set_up;
		tests[i].teardown_func = tear_down;
	}
	return _cmocka_run_group_tests(program_invocation_short_name, tests, count, begin, end);
}
