/* What every test program includes: cmocka with the headers it needs before it, and checks of our own. */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"

/* The call succeeds; otherwise the test fails with the error's text. CALL uses ERR. */
#define assert_ok(call, err)                                                                                         \
	do {                                                                                                         \
		if ((call) < 0)                                                                                      \
			fail_msg("%s: %s", #call, (err)->text);                                                      \
	} while (0)

/* The error has this code and its text holds PART. */
#define assert_error(err, expected, part)                                                                            \
	do {                                                                                                         \
		if ((err)->code != (expected) || !strstr((err)->text, (part)))                                       \
			fail_msg("expected %s with '%s', got %s: %s", error_code_name(expected), (part),             \
				error_code_name((err)->code), (err)->text);                                          \
	} while (0)

/* A test of a program is TEST_CASE(test_what_it_shows) and its body, in which STATE is what the set-up made. The program ends with
 * TESTS(set_up, tear_down), and runs all of them in the order in which they stand; NULL where there is nothing to set up. */
#define TEST_CASE(name) TEST_CASE_IN_LIST(name, true, NULL, NULL)
/* One with a set-up of its own. */
#define TEST_CASE_WITH(name, set_up, tear_down) TEST_CASE_IN_LIST(name, false, set_up, tear_down)
/* The same test once more, after another set-up. */
#define TEST_CASE_AGAIN(name, set_up, tear_down)                                                                     \
	__attribute__((constructor)) static void name##_again_after_##set_up(void)                                   \
	{                                                                                                            \
		test_list(#name " after " #set_up, name, false, set_up, tear_down, __LINE__);                        \
	}
#define TESTS(set_up, tear_down) TESTS_WITHIN(NULL, NULL, set_up, tear_down)
/* Where something is begun before all of them, and ended after. */
#define TESTS_WITHIN(begin, end, set_up, tear_down)                                                                  \
	int main(void)                                                                                               \
	{                                                                                                            \
		return test_run_all(begin, end, set_up, tear_down);                                                  \
	}

#define TEST_CASE_IN_LIST(name, is_usual, set_up, tear_down)                                                         \
	static void name(void **state);                                                                              \
	__attribute__((constructor)) static void name##_is_listed(void)                                              \
	{                                                                                                            \
		test_list(#name, name, is_usual, set_up, tear_down, __LINE__);                                       \
	}                                                                                                            \
	static void name(__attribute__((unused)) void **state)

void test_list(const char *name, CMUnitTestFunction run, bool is_usual, CMFixtureFunction set_up,
	CMFixtureFunction tear_down, int line);
int test_run_all(CMFixtureFunction begin, CMFixtureFunction end, CMFixtureFunction set_up, CMFixtureFunction tear_down);

#endif
