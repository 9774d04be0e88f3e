#include "tests/support/test.h"

#include <locale.h>

#include "manifests/tuf/tuf_path.h"

struct match {
	const char *pattern;
	const char *path;
	bool matches;
};

static const struct match matches[] = {
	{"file", "file", true},
	{"file", "File", false},
	{"file", "file2", false},
	{"", "", true},
	{"", "a", false},
	{"*", "", true},
	{"*", "a", true},
	{"*", ".hidden", true},
	{"?hidden", ".hidden", true},
	{"*", "a/b", false},
	{"*/*", "a/b", true},
	{"*/*", "a", false},
	{"*/*", "a/b/c", false},
	{"a?b", "a/b", false},
	{"a/", "a/", true},
	{"a/*", "a/", true},
	{"a/", "a", false},
	{"/a", "a", false},
	{"/*", "/a", true},
	{"*.tar.*", "x.tar.zst", true},
	{"*.tar.*", "x.tar", false},
	{"a*b*c", "aXbXbXc", true},
	{"a*b*c", "aXcXb", false},
	{"**", "abc", true},
	{"a**/b", "a/b", true},
	{"a*/b", "b/b", false},
	{"foo-*/bar", "foo-1/bar", true},
	{"releases/y/*.zip", "releases/y/y_v1.zip", true},
	{"releases/y/*.zip", "releases/z/y_v1.zip", false},
	{"a?c", "abc", true},
	{"a?c", "ac", false},
	{"?", "\xc3\xa9", true},
	{"??", "\xc3\xa9", false},
	{"[ab]c", "bc", true},
	{"[!ab]c", "bc", false},
	{"[!ab]c", "cc", true},
	{"[^ab]c", "^c", true},
	{"[a-c]", "b", true},
	{"[c-a]", "b", false},
	{"[a-]", "-", true},
	{"[]]", "]", true},
	{"[!]]", "]", false},
	{"[a", "[a", true},
	{"[a/]", "[a/]", true},
	{"[.-0]", "/", false},
	{"\\*", "\\x", true},
	{"\\*", "*", false},
	{"\\[a]", "\\a", true},
	{"[\\]", "\\", true},
};

static void assert_matches(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(matches); i++)
		if (tuf_path_matches(matches[i].pattern, matches[i].path) != matches[i].matches)
			fail_msg("'%s' against '%s'", matches[i].pattern, matches[i].path);
}

TEST_CASE(test_matches_patterns_component_by_component)
{
	assert_matches();
}

TEST_CASE(test_matching_does_not_depend_on_the_locale)
{
	static const char *const names[] = {"C", "C.UTF-8", "en_US.UTF-8", "ja_JP.UTF-8", "tr_TR.UTF-8"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (setlocale(LC_ALL, names[i]))
			assert_matches();
	assert_non_null(setlocale(LC_ALL, "C"));
}

TEST_CASE(test_a_hostile_pattern_does_not_hold_the_search_up)
{
	char pattern[4001], path[10001];

	for (size_t i = 0; i < sizeof(pattern) - 1; i++)
		pattern[i] = i % 2 ? 'a' : '*';
	pattern[sizeof(pattern) - 2] = 'b';
	pattern[sizeof(pattern) - 1] = '\0';
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_false(tuf_path_matches(pattern, path));
}

static void assert_role(const char *role, const char *expected)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	struct error err;

	assert_ok(tuf_role_encode(role, &name, &err), &err);
	assert_string_equal(name.data, expected);
}

TEST_CASE(test_encodes_role_names)
{
	assert_role("reader-app/acme", "reader-app%2Facme");
	assert_role("aZ09-._~", "aZ09-._~");
	assert_role("../?#%", "..%2F%3F%23%25");
	assert_role("\xe9\x85\x8d", "%E9%85%8D");
}

static void assert_file(const char *path, const char *expected)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	struct error err;

	assert_ok(tuf_target_file_name(path, &name, &err), &err);
	assert_string_equal(name.data, expected);
}

TEST_CASE(test_every_target_has_a_file_of_its_own_inside_the_folder)
{
	char longest[301];
	struct error err;
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);

	assert_file("a/b", "a%2Fb");
	assert_file("a%2Fb", "a%252Fb");
	assert_file("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd");
	assert_file("/etc/passwd", "%2Fetc%2Fpasswd");
	assert_file(".", "%2E");
	assert_file("..", "%2E.");
	assert_file("a//b", "a%2F%2Fb");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_ok(tuf_target_file_name(longest, &name, &err), &err);
	assert_int_equal(name.len, strlen("sha256=") + 64);
	assert_int_equal(tuf_target_file_name("", &name, &err), -1);
	assert_error(&err, ERROR_NOT_FOUND, "empty");
}

static void assert_url(const char *path, const char *hash, const char *expected)
{
	AUTO(buf) struct buf url = BUF_INIT(TUF_PATH_MAX_BYTES);
	struct error err;

	assert_ok(tuf_target_url(path, hash, &url, &err), &err);
	assert_string_equal(url.data, expected);
}

TEST_CASE(test_a_hash_goes_in_front_of_the_last_component)
{
	assert_url("file", "abc", "abc.file");
	assert_url("dir/sub/file", "abc", "dir/sub/abc.file");
	assert_url("dir/sub/file", NULL, "dir/sub/file");
	assert_url("dir/", "abc", "dir/abc.");
}

TEST_CASE(test_targets_keep_slashes_and_escape_what_no_url_may_hold)
{
	assert_url("a b/c?d#e%f", NULL, "a%20b/c%3Fd%23e%25f");
	assert_url("a+b(c)=d@e:f;g,h!i~j", NULL, "a+b(c)=d@e:f;g,h!i~j");
	assert_url("\xc3\xa9", NULL, "%C3%A9");
}

TEST_CASE(test_joins_with_exactly_one_slash_and_leaves_the_base_alone)
{
	static const char *const bases[] = {"http://h/%5Bx%2Fy%5D/../m", "http://h/%5Bx%2Fy%5D/../m/"};
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		AUTO(buf) struct buf url = BUF_INIT(TUF_PATH_MAX_BYTES);

		assert_ok(tuf_url_join(bases[i], "timestamp.json", &url, &err), &err);
		assert_string_equal(url.data, "http://h/%5Bx%2Fy%5D/../m/timestamp.json");
	}
}

TESTS(NULL, NULL)
