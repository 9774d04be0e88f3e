#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "agent/base/message_ids.h"
#include "agent/proof/announce.h"
#include "agent/store/history.h"
#include "common/auto.h"
#include "tests/agent/store_fixture.h"

static const struct history_entry staged = {
	.operation = "stage", .package = "face-library", .version = "5.1.0", .digest = DIGEST_A, .outcome = "done"};

/* What ANNOUNCE says to a log that writes to memory; free it. */
static char *told(struct store_fixture *fixture, struct announce *announce)
{
	struct log log = {.level = LOG_LEVEL_INFO, .program = "haishind"};
	char *text = NULL;
	size_t len;

	log.out = open_memstream(&text, &len);
	assert_non_null(log.out);
	announce_news(fixture->store, announce, &log);
	(void)fclose(log.out);
	return text;
}

static void assert_told(struct store_fixture *fixture, struct announce *announce, const char *expected)
{
	AUTO(free) char *text = told(fixture, announce);

	assert_string_equal(text, expected);
}

static void add(struct store_fixture *fixture, const struct history_entry *entry)
{
	struct error err = {0};

	assert_ok(history_add(fixture->store, entry, &err), &err);
}

TEST_CASE(test_tells_each_row_once)
{
	struct announce announce = {0};

	add(*state, &staged);
	assert_told(*state, &announce, "haishind: face-library 5.1.0: stage: done\n");
	assert_told(*state, &announce, "");
	add(*state, &(struct history_entry){.operation = "disable", .outcome = "done", .detail = "by root"});
	assert_told(*state, &announce, "haishind: warning: disable: done: by root\n");
}

TEST_CASE(test_does_not_tell_what_was_there_before)
{
	struct store_fixture *fixture = *state;
	struct announce announce = {0};
	struct error err = {0};

	add(fixture, &staged);
	assert_ok(announce_begin(fixture->store, &announce, &err), &err);
	assert_told(fixture, &announce, "");
}

TEST_CASE(test_a_row_without_a_message_of_its_own_is_not_told)
{
	struct announce announce = {0};

	add(*state, &(struct history_entry){.operation = "check", .outcome = "done"});
	assert_told(*state, &announce, "");
}

TEST_CASE(test_every_refusal_is_told_as_one)
{
	struct announce announce = {0};

	add(*state, &(struct history_entry){.operation = "check",
			    .outcome = "refused",
			    .error = ERROR_REFUSED,
			    .detail = "rollback attack"});
	assert_told(*state, &announce, "haishind: warning: check: refused: rollback attack\n");
}

TEST_CASE_WITH(test_no_identifier_stands_for_two_messages, NULL, NULL)
{
#define ID(name, id, level, operation, outcome) id,
	static const char *const ids[] = {MESSAGE_IDS(ID)};

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		assert_int_equal(strlen(ids[i]), 32);
		assert_int_equal(strspn(ids[i], "0123456789abcdef"), 32);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(ids[i], ids[j]);
	}
}

TESTS(store_fixture_setup, store_fixture_teardown)
