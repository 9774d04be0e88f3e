/* What every test program includes: cmocka with the headers it needs before it, and checks of our own. */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
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

#endif
