#include "tests/support/test.h"

#include <stdlib.h>

#include "common/json.h"
#include "manifests/release/release.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

/* A release with a program, a text below a folder and a link; tests change it member by member. */
static json_t *sample(void)
{
	return json_pack(
		"{s:s, s:s, s:i, s:{s:s}, s:s, s:b, s:{s:[s,s], s:i}, s:{s:[s], s:i}, "
		"s:{s:s, s:i, s:i, s:s, s:[{s:i, s:i, s:i, s:i, s:s}]}, "
		"s:[{s:s, s:s, s:s}, {s:s, s:s, s:i, s:i, s:s}, {s:s, s:s, s:i, s:i, s:s}, {s:s, s:s, s:s}]}",
		"package", "face-library", "version", "5.1.0", "installed_bytes", 110, "requires", "distro-app",
		"2.0.0", "passes_through", "2.1", "network", 1, "self_test", "argv", "bin/face", "--self-test", "timeout_s", 9,
		"health", "argv", "bin/face", "settle_s", 60, "payload", "target",
		"face-library/face-library-5.1.0.tar.zst", "length", 500, "tar_length", 4096, "sha256", ZEROS,
		"frames", "offset", 0, "length", 500, "tar_offset", 0, "tar_length", 4096, "sha256", ZEROS, "files",
		"path", "bin", "type", "folder", "mode", "0755", "path", "bin/face", "mode", "0755", "size", 100,
		"tar_offset", 1024, "sha256", ZEROS, "path", "bin/text", "mode", "0644", "size", 10, "tar_offset",
		2048, "sha256", ZEROS, "path", "newest", "type", "link", "link", "bin/face");
}

static int parse(json_t *json, struct release **ret_release, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(1u << 20);

	assert_non_null(json);
	assert_ok(json_write(json, &text, err), err);
	json_decref(json);
	return release_parse(text.data, text.len, ret_release, err);
}

static json_t *file(json_t *json, size_t index)
{
	return json_array_get(json_object_get(json, "files"), index);
}

TEST_CASE(test_reads_every_member)
{
	AUTO(release) struct release *release = NULL;
	struct error err = {0};

	assert_ok(parse(sample(), &release, &err), &err);
	assert_string_equal(release->package, "face-library");
	assert_string_equal(release->version, "5.1.0");
	assert_int_equal(release->installed_bytes, 110);
	assert_int_equal(release->requires_count, 1);
	assert_string_equal(release->requires[0].package, "distro-app");
	assert_string_equal(release->requires[0].version, "2.0.0");
	assert_string_equal(release->passes_through, "2.1");
	assert_true(release->wants_network);
	assert_string_equal(release->self_test.argv[1], "--self-test");
	assert_null(release->self_test.argv[2]);
	assert_int_equal(release->self_test.timeout_s, 9);
	assert_int_equal(release->health.kind, RELEASE_HEALTH_COMMAND);
	assert_int_equal(release->health.settle_s, 60);
	assert_int_equal(release->health.check.timeout_s, 30);
	assert_int_equal(release->frames_count, 1);
	assert_int_equal(release->frames[0].tar_length, 4096);
	assert_int_equal(release->files_count, 4);
	assert_int_equal(release->files[0].type, RELEASE_FOLDER);
	assert_int_equal(release->files[1].mode, 0755);
	assert_int_equal(release->files[2].tar_offset, 2048);
	assert_string_equal(release->files[3].link, "bin/face");
}

TEST_CASE(test_writes_the_same_bytes_for_the_same_release)
{
	AUTO(release) struct release *release = NULL;
	AUTO(release) struct release *again = NULL;
	AUTO(buf) struct buf first = BUF_INIT(1u << 20);
	AUTO(buf) struct buf second = BUF_INIT(1u << 20);
	struct error err = {0};

	assert_ok(parse(sample(), &release, &err), &err);
	assert_ok(release_write(release, &first, &err), &err);
	assert_ok(release_parse(first.data, first.len, &again, &err), &err);
	assert_ok(release_write(again, &second, &err), &err);
	assert_string_equal(buf_text(&first), buf_text(&second));
	assert_string_equal(again->files[1].path, "bin/face");
}

TEST_CASE(test_reads_each_kind_of_health_check)
{
	AUTO(release) struct release *with_unit = NULL;
	AUTO(release) struct release *with_url = NULL;
	struct error err = {0};
	json_t *json = sample();

	(void)json_object_set_new(json, "health", json_pack("{s:s}", "unit", "face.service"));
	assert_ok(parse(json, &with_unit, &err), &err);
	assert_int_equal(with_unit->health.kind, RELEASE_HEALTH_UNIT);
	json = sample();
	(void)json_object_set_new(json, "health", json_pack("{s:s}", "url", "http://localhost:8080/healthy"));
	assert_ok(parse(json, &with_url, &err), &err);
	assert_int_equal(with_url->health.kind, RELEASE_HEALTH_HTTP);
}

/* Each row sets one member of the sample, or of one file in it, and says what the refusal names. */
static const struct {
	int file; /* -1: the release itself */
	const char *key;
	const char *value;
	const char *says;
} broken_rules[] = {
	{-1, "package", "\"../x\"", "package name"},
	{-1, "version", "\"5.1-rc\"", "is not a version"},
	{-1, "version", "\"0.0.0\"", "not installed properly"},
	{-1, "version", "\"5.1.1\"", "its payload is"},
	{-1, "installed_bytes", "111", "not the 111 of 'installed_bytes'"},
	{-1, "requires", "{\"face-library\": \"1\"}", "requires itself"},
	{-1, "requires", "{\"x\": \"1.x\"}", "is not a version"},
	{-1, "passes_through", "\"6\"", "newer than the release itself"},
	{-1, "health", "{\"unit\": \"poweroff.target\"}", "not the name of a systemd service"},
	{-1, "health", "{\"unit\": \"debug-shell.service\"}", "a service of the system"},
	{-1, "health", "{\"unit\": \"reader@.service\"}", "a template, of which an instance runs"},
	{-1, "health", "{\"unit\": \"haishind.service\"}", "or of haishin"},
	{-1, "notes", "{\"en\": \"\\u202e\"}", "acts instead of being shown"},
	{-1, "self_test", "{\"argv\": []}", "'argv' does not have 1 to"},
	{-1, "self_test", "{\"argv\": [\"bin/none\"]}", "'bin/none' is not among its files"},
	{-1, "self_test", "{\"argv\": [\"bin/text\"]}", "'bin/text' is not a program"},
	{-1, "migrate", "{\"argv\": [\"bin/none\"]}", "migrate: 'bin/none' is not among its files"},
	{-1, "self_test", "{\"argv\": [\"bin\"]}", "'bin' is a folder"},
	{-1, "self_test", "{\"argv\": [\"bin/face\"], \"timeout_s\": 601}", "'timeout_s' is 601"},
	{-1, "health", "{\"unit\": \"--now\"}", "not the name of a systemd service"},
	{-1, "health", "{\"url\": \"http://localhost.evil.example/\"}", "does not begin with"},
	{-1, "health", "{\"url\": \"http://localhost:80@evil.example/\"}", "does not begin with"},
	{-1, "health", "{\"settle_s\": 1}", "'url' is missing"},
	{-1, "files", "7", "'files' is missing or not an array"},
	{1, "path", "\"/bin/face\"", "is absolute"},
	{1, "path", "\"bin/../../face\"", "would leave the release's folder"},
	{1, "path", "\"bin//face\"", "it is empty"},
	{1, "path", "\"bin/./face\"", "it is empty, '.' or '..'"},
	{1, "path", "\"bin/nul.txt\"", "Windows reserves this name"},
	{1, "path", "\"bin/face.\"", "ends in a dot"},
	{1, "path", "\"bin/a:b\"", "it holds one of"},
	{1, "path", "\"bin/TEXT\"", "differ only by case"},
	{1, "path", "\"BIN\"", "differ only by case"},
	{1, "path", "\"bin/text\"", "are the same"},
	{1, "path", "\"lib/face\"", "stands before the folder it is in, or in none"},
	{1, "path", "\"newest/face\"", "stands before the folder it is in, or in none"},
	{1, "mode", "\"4755\"", "only permission bits"},
	{1, "mode", "\"755\"", "four octal digits"},
	{1, "mode", "\"08x5\"", "four octal digits"},
	{1, "type", "\"device\"", "none of file, folder, link"},
	{1, "size", "-1", "'size' is -1"},
	{1, "sha256", "\"00\"", "'sha256'"},
	{1, "size", "5000", "inside the payload"},
	{1, "tar_offset", "2050", "not behind that of the files before it"},
	{2, "tar_offset", "4090", "inside the payload"},
	{3, "link", "\"/etc/passwd\"", "is absolute"},
	{3, "link", "\"../face\"", "leaves the release's folder"},
	{3, "link", "\"bin/../face\"", "'..' behind a name"},
	{3, "link", "\"\"", "1 to"},
};

TEST_CASE(test_refuses_what_breaks_a_rule_and_names_it)
{
	for (size_t i = 0; i < ARRAY_SIZE(broken_rules); i++) {
		json_t *json = sample();
		json_t *object = broken_rules[i].file < 0 ? json : file(json, (size_t)broken_rules[i].file);
		struct release *release = NULL;
		struct error err = {0};

		(void)json_object_set_new(object, broken_rules[i].key, json_loads(broken_rules[i].value, JSON_DECODE_ANY, NULL));
		assert_int_equal(parse(json, &release, &err), -1);
		assert_null(release);
		assert_error(&err, ERROR_INPUT, broken_rules[i].says);
	}
}

TEST_CASE(test_refuses_names_that_differ_only_by_the_case_of_other_alphabets)
{
	static const struct {
		const char *first;
		const char *second;
	} rows[] = {
		{"\xc3\xa9", "\xc3\x89"},	  /* e with acute */
		{"\xcf\x80", "\xce\xa0"},	  /* pi */
		{"\xd1\x8f", "\xd0\xaf"},	  /* ya */
		{"\xef\xbd\x81", "\xef\xbc\xa1"}, /* full-width a */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *json = sample();
		struct release *release = NULL;
		struct error err = {0};

		(void)json_object_set_new(file(json, 2), "path", json_string(rows[i].first));
		(void)json_object_set_new(file(json, 3), "path", json_string(rows[i].second));
		assert_int_equal(parse(json, &release, &err), -1);
		assert_error(&err, ERROR_INPUT, "differ only by case");
	}
}

TEST_CASE(test_links_may_go_up_inside_the_release)
{
	AUTO(release) struct release *release = NULL;
	struct error err = {0};
	json_t *json = sample();

	(void)json_object_set_new(file(json, 3), "path", json_string("bin/up"));
	(void)json_object_set_new(file(json, 3), "link", json_string("../bin/face"));
	assert_ok(parse(json, &release, &err), &err);
}

TEST_CASE(test_refuses_frames_with_gaps)
{
	static const struct {
		const char *key;
		int value;
	} rows[] = {{"offset", 1}, {"tar_offset", 1}, {"length", 499}, {"tar_length", 4095}, {"tar_length", 0},
		{"tar_length", (16 << 20) + 1}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *json = sample();
		json_t *frames = json_object_get(json_object_get(json, "payload"), "frames");
		struct release *release = NULL;
		struct error err = {0};

		(void)json_object_set_new(json_array_get(frames, 0), rows[i].key, json_integer(rows[i].value));
		assert_int_equal(parse(json, &release, &err), -1);
		assert_error(&err, ERROR_INPUT, "frame");
	}
}

static void parse_with_frames(size_t count, struct error *err)
{
	json_t *json = sample(), *frames = json_array();
	struct release *release = NULL;

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(frames, json_object());
	(void)json_object_set_new(json_object_get(json, "payload"), "frames", frames);
	assert_int_equal(parse(json, &release, err), -1);
}

TEST_CASE(test_refuses_more_frames_than_a_terminal_has_room_for)
{
	struct error err = {0};

	parse_with_frames(RELEASE_MAX_FRAMES + 1, &err);
	assert_error(&err, ERROR_INPUT, "it has 65537 frames; at most 65536 are allowed");
	parse_with_frames(RELEASE_MAX_FRAMES, &err); /* these are looked at */
	assert_error(&err, ERROR_INPUT, "frame 0");
}

TEST_CASE(test_tolerates_unknown_members)
{
	AUTO(release) struct release *release = NULL;
	struct error err = {0};
	json_t *json = sample();

	(void)json_object_set_new(json, "vendor_note", json_real(1.5));
	(void)json_object_set_new(file(json, 1), "colour", json_string("red"));
	assert_ok(parse(json, &release, &err), &err);
}

TEST_CASE(test_does_not_write_what_it_would_not_read)
{
	AUTO(release) struct release *release = NULL;
	AUTO(buf) struct buf text = BUF_INIT(1u << 20);
	struct error err = {0};

	assert_ok(parse(sample(), &release, &err), &err);
	release->files[1].mode = 04755;
	assert_int_equal(release_write(release, &text, &err), -1);
	assert_error(&err, ERROR_INPUT, "only permission bits");
}

TESTS(NULL, NULL)
