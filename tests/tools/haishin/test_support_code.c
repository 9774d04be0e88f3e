/* The eight characters for the call centre. */
#include <stdio.h>
#include <string.h>

#include "common/auto.h"
#include "tests/support/test.h"
#include "tools/haishin/draw/support_code.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static json_t *status_of(const char *text)
{
	json_t *status = json_loads(text, 0, NULL);

	assert_non_null(status);
	return status;
}

static const char status_text[] =
	"{\"reason\":\"staged\",\"time\":\"2026-01-10T12:00:00Z\",\"last_contact\":\"2026-01-07T11:00:00Z\","
	"\"packages\":["
	"{\"name\":\"distro-app\",\"state\":\"current\"},{\"name\":\"face-library\",\"state\":\"staged\"},"
	"{\"name\":\"reader-app/acme\",\"state\":\"current\"},{\"name\":\"reader-app/"
	"zeta\",\"state\":\"not-installed\"}]}";

/* Codes that were read out once are understood for good: these bytes never change. */
TEST_CASE(test_the_same_case_has_the_same_code_for_good)
{
	AUTO(json) json_t *status = status_of(status_text);
	char code[SUPPORT_CODE_SIZE];

	support_code_make(status, "name-unknown", code);
	assert_string_equal(code, "2M4M-649R");
	support_code_make(NULL, "agent-stopped", code);
	assert_string_equal(code, "0QZZ-Z07Z");
	support_code_make(NULL, NULL, code);
	assert_string_equal(code, "7ZZZ-Z0WS");
}

TEST_CASE(test_says_finding_reason_packages_and_contact)
{
	AUTO(json) json_t *status = status_of(status_text);
	char code[SUPPORT_CODE_SIZE];
	struct support_case said;

	support_code_make(status, "name-unknown", code);
	assert_true(support_code_read(code, &said));
	assert_string_equal(said.finding, "name-unknown");
	assert_string_equal(said.reason, "staged");
	assert_string_equal(said.packages[0], "newest");
	assert_string_equal(said.packages[1], "staged");
	assert_string_equal(said.packages[2], "not-run");
	assert_string_equal(said.packages[3], "not-installed"); /* the reader that stands worst */
	assert_int_equal(said.contact, 4);			/* three days ago */
	support_code_make(NULL, NULL, code);
	assert_true(support_code_read(code, &said));
	assert_null(said.finding);
	assert_null(said.reason);
	assert_null(said.packages[0]);
	assert_int_equal(said.contact, SUPPORT_CONTACT_UNKNOWN);
}

/* Numbers that were read out once stay what they were: one of each list, the first of its kind and the last. */
TEST_CASE(test_a_number_stands_for_the_same_for_good)
{
	static const struct {
		const char *code, *finding, *reason;
	} said[] = {
		{"003Z-Z0FW", "nothing", "all-current"},
		{"0BBZ-Z03Z", "configuration-wrong", "configuration-wrong"},
		{"13KZ-Z09K", "disk-full", "disk-full"},
		{"30VZ-Z097", "server-unreachable", "server-untrusted"},
		{"4TZZ-Z0HH", "files-damaged", "files-damaged"},
		{"D0KZ-Z0JZ", "disk-noexec", "disk-noexec"},
		{"DNFZ-Z0G0", "memory-low", "waits"},
	};
	struct support_case read;

	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		assert_true(support_code_read(said[i].code, &read));
		assert_string_equal(read.finding, said[i].finding);
		assert_string_equal(read.reason, said[i].reason);
	}
}

TEST_CASE(test_reads_what_people_type)
{
	static const char *const typed[] = {"2m4m-649r", " 2M4M - 649R ", "2M4M649R"};
	struct support_case said;

	for (size_t i = 0; i < ARRAY_SIZE(typed); i++) {
		if (!support_code_read(typed[i], &said))
			fail_msg("'%s' is not understood", typed[i]);
		assert_string_equal(said.finding, "name-unknown");
	}
}

/* Whatever the one character, wherever it stands; and any two neighbours. */
TEST_CASE(test_a_wrong_character_or_two_that_were_swapped_are_noticed)
{
	AUTO(json) json_t *status = status_of(status_text);
	char code[SUPPORT_CODE_SIZE], other[SUPPORT_CODE_SIZE];
	struct support_case said;

	support_code_make(status, "name-unknown", code);
	for (size_t at = 0; code[at]; at++) {
		if (code[at] == '-')
			continue;
		for (const char *wrong = alphabet; *wrong; wrong++) {
			(void)strcpy(other, code);
			other[at] = *wrong;
			assert_int_equal(support_code_read(other, &said), *wrong == code[at]);
		}
		(void)strcpy(other, code);
		if (at + 1 < strlen(code)) {
			size_t next = code[at + 1] == '-' ? at + 2 : at + 1;

			other[at] = code[next];
			other[next] = code[at];
			assert_int_equal(support_code_read(other, &said), code[at] == code[next]);
		}
	}
}

TEST_CASE(test_what_is_no_code_is_refused)
{
	static const char *const none[] = {"", "-", "0000-0000", "ZZZZ-ZZZZ", "1234", "UUUU-UUUU", "0000-00000",
		"\xe3\x81\x82", "AAAA AAAA AAAA AAAA"};
	struct support_case said;

	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_false(support_code_read(none[i], &said));
}

TESTS(NULL, NULL)
