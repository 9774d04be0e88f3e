/* The parts of haishin-server that judge what a client sends. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/auto.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"
#include "tools/server/access_log.h"
#include "tools/server/options.h"
#include "common/web/path.h"
#include "common/web/range.h"
#include "tools/server/reports.h"

TEST_CASE(test_decodes_paths_and_refuses_those_that_name_nothing)
{
	static const struct {
		const char *raw;
		const char *path; /* NULL: refused */
	} rows[] = {
		{"/a", "a"},
		{"/metadata/1.root.json", "metadata/1.root.json"},
		{"/a%20b", "a b"},
		{"/%e9%85%8d", "\xe9\x85\x8d"},
		{"/a..b/c.", "a..b/c."},
		{"", NULL},
		{"a", NULL},
		{"/", NULL},
		{"/a/", NULL},
		{"//a", NULL},
		{"/a//b", NULL},
		{"/.", NULL},
		{"/..", NULL},
		{"/../a", NULL},
		{"/a/../b", NULL},
		{"/a/%2e%2e/b", NULL},
		{"/.hidden", NULL},
		{"/a/.hidden", NULL},
		{"/%2ehidden", NULL},
		{"/a%2fb", NULL},
		{"/a%2Fb", NULL},
		{"/a%00", NULL},
		{"/a%0a", NULL},
		{"/a\n", NULL},
		{"/a%7f", NULL},
		{"/a%", NULL},
		{"/a%4", NULL},
		{"/a%zz", NULL},
		{"/a%%", NULL},
	};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool served = path_decode(rows[i].raw, path, sizeof(path));

		if (served != (rows[i].path != NULL) || (served && strcmp(path, rows[i].path) != 0))
			fail_msg("'%s' became %s", rows[i].raw, served ? path : "nothing");
	}
}

TEST_CASE(test_refuses_a_path_that_is_too_long)
{
	char path[4];

	assert_true(path_decode("/abc", path, sizeof(path)));
	assert_false(path_decode("/abcd", path, sizeof(path)));
}

TEST_CASE(test_opens_plain_files_below_the_root_only)
{
	static const struct {
		const char *path;
		bool opens;
	} rows[] = {{"root/file", false}, {"file", true}, {"folder/file", true}, {"inside", true}, {"outside", false},
		{"absolute", false}, {"up/secret", false}, {"folder", false}, {"fifo", false}, {"missing", false}};
	AUTO(fd) int root_fd = -1;
	struct folder folder;

	folder_init(&folder);
	folder_put(&folder, "secret", "s", 1);
	folder_put(&folder, "root/file", "f", 1);
	folder_put(&folder, "root/folder/file", "f", 1);
	assert_int_equal(symlinkat("file", folder.fd, "root/inside"), 0);
	assert_int_equal(symlinkat("../secret", folder.fd, "root/outside"), 0);
	assert_int_equal(symlinkat("/etc/passwd", folder.fd, "root/absolute"), 0);
	assert_int_equal(symlinkat("..", folder.fd, "root/up"), 0);
	assert_int_equal(mkfifoat(folder.fd, "root/fifo", 0600), 0);
	assert_true((root_fd = openat(folder.fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(fd) int fd = path_open(root_fd, rows[i].path);

		if ((fd >= 0) != rows[i].opens)
			fail_msg("'%s' is%s opened", rows[i].path, fd >= 0 ? "" : " not");
	}
	folder_clear(&folder);
}

TEST_CASE(test_reads_single_ranges)
{
	static const struct {
		const char *header;
		enum range_kind kind;
		uint64_t first, length;
	} rows[] = {
		{NULL, RANGE_WHOLE, 0, 0},
		{"", RANGE_WHOLE, 0, 0},
		{"bytes=0-99", RANGE_PART, 0, 100},
		{"Bytes=0-0", RANGE_PART, 0, 1},
		{"bytes=50-", RANGE_PART, 50, 50},
		{"bytes=99-99", RANGE_PART, 99, 1},
		{"bytes=90-1000", RANGE_PART, 90, 10},
		{"bytes=90-99999999999999999999999", RANGE_PART, 90, 10},
		{"bytes=-1", RANGE_PART, 99, 1},
		{"bytes=-1000", RANGE_PART, 0, 100},
		{"bytes=-0", RANGE_OUTSIDE, 0, 0},
		{"bytes=100-", RANGE_OUTSIDE, 0, 0},
		{"bytes=99999999999999999999999-", RANGE_OUTSIDE, 0, 0},
		{"bytes=5-4", RANGE_WHOLE, 0, 0},
		{"bytes=-", RANGE_WHOLE, 0, 0},
		{"bytes=", RANGE_WHOLE, 0, 0},
		{"bytes=1", RANGE_WHOLE, 0, 0},
		{"bytes=a-b", RANGE_WHOLE, 0, 0},
		{"bytes=1-2,5-6", RANGE_WHOLE, 0, 0},
		{"bytes=1-2x", RANGE_WHOLE, 0, 0},
		{"lines=1-2", RANGE_WHOLE, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t first = 0, length = 0;
		enum range_kind kind = range_parse(rows[i].header, 100, &first, &length);

		if (kind != rows[i].kind || first != rows[i].first || length != rows[i].length)
			fail_msg("'%s': kind %d, %d bytes from %d", rows[i].header ? rows[i].header : "(none)", kind,
				(int)length, (int)first);
	}
}

TEST_CASE(test_an_empty_file_has_no_part)
{
	uint64_t first, length;

	assert_int_equal(range_parse("bytes=0-", 0, &first, &length), RANGE_OUTSIDE);
	assert_int_equal(range_parse("bytes=-5", 0, &first, &length), RANGE_OUTSIDE);
}

TEST_CASE(test_no_request_can_forge_a_line_of_the_log)
{
	struct access_entry entry = {
		.method = "GET", .path = "/a b\n2026 \"x\"\\\x80", .subject = "CN=x\r\ny", .status = 404};
	struct error err = {0};
	struct folder folder;
	char file[300], *text;
	int fd;

	folder_init(&folder);
	(void)snprintf(file, sizeof(file), "%s/log", folder.path);
	assert_ok(fd = access_log_open(file, &err), &err);
	access_log_write(fd, &entry);
	(void)close(fd);
	text = folder_get(&folder, "log", NULL);
	assert_string_equal(text, "1970-01-01T00:00:00Z GET /a\\x20b\\x0a2026\\x20\\x22x\\x22\\x5c\\x80 404 0 0ms ok "
				  "CN=x\\x0d\\x0ay\n");
	free(text);
	folder_clear(&folder);
}

TEST_CASE(test_a_path_of_any_length_fits_the_log)
{
	struct error err = {0};
	struct folder folder;
	char file[300], path[5000], *text;
	struct access_entry entry = {.method = path, .path = path, .subject = path};
	size_t len;
	int fd;

	memset(path, '\n', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	folder_init(&folder);
	(void)snprintf(file, sizeof(file), "%s/log", folder.path);
	assert_ok(fd = access_log_open(file, &err), &err);
	access_log_write(fd, &entry);
	(void)close(fd);
	text = folder_get(&folder, "log", &len);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	free(text);
	folder_clear(&folder);
}

static const struct reports_sender nobody;

TEST_CASE(test_keeps_a_report_once_and_acknowledges_it_each_time)
{
	AUTO(buf) struct buf receipt = BUF_INIT(256);
	AUTO(reports) struct reports *reports = NULL;
	struct error err = {0};
	struct folder folder;
	char *kept;

	folder_init(&folder);
	assert_ok(reports_open(folder.path, 1, 1, &reports, &err), &err);
	for (int i = 0; i < 2; i++) {
		buf_empty(&receipt);
		assert_ok(reports_store(reports, &nobody, "{\"a\":1}", 7, &receipt, &err), &err);
		assert_non_null(strstr(receipt.data,
			"\"receipt\":\"015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862\""));
	}
	kept = folder_get(&folder, "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862.json", NULL);
	assert_string_equal(kept, "{\"a\":1}");
	free(kept);
	assert_int_equal(reports_store(reports, &nobody, "{\"a\":2}", 7, &receipt, &err), -1);
	assert_error(&err, ERROR_NO_SPACE, "as many as it may");
	assert_int_equal(reports_store(reports, &nobody, "[1]", 3, &receipt, &err), -1);
	assert_int_equal(err.code, ERROR_INPUT);
	folder_clear(&folder);
}

TEST_CASE(test_says_what_is_wrong_with_the_command_line)
{
	static const struct {
		const char *argv[10];
		const char *text;
	} rows[] = {
		{{"s"}, "--root is missing"},
		{{"s", "--root", "r"}, "--listen is missing"},
		{{"s", "--root", "r", "--listen", "a:1"}, "say --insecure-http"},
		{{"s", "--root", "r", "--listen", "a:1", "--insecure-http", "--tls-key", "k"}, "cannot stand beside"},
		{{"s", "--max-connections", "0"}, "--max-connections '0' is not a number from 1"},
		{{"s", "--per-address", "x"}, "--per-address 'x' is not a number"},
		{{"s", "--rot"}, "there is no option '--rot'"},
		{{"s", "--root"}, "--root needs a value: DIR"},
		{{"s", "word"}, "'word' is one argument too many"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct server_options options;
		struct error err = {0};
		char *argv[10];
		int argc = 0;

		for (; rows[i].argv[argc]; argc++)
			argv[argc] = strdup(rows[i].argv[argc]);
		argv[argc] = NULL;
		assert_int_equal(options_parse(argc, argv, &options, &err), -1);
		while (argc > 0)
			free(argv[--argc]);
		assert_error(&err, ERROR_USAGE, rows[i].text);
	}
}

TESTS(NULL, NULL)
