#include "tests/support/test.h"

#include "manifests/base/package.h"

TEST_CASE(test_accepts_the_names_of_the_field)
{
	static const char *const good[] = {"distro-app", "face-library", "reader-app/acme", "a", "0/1",
		"a234567890123456789012345678901234567890123456789012345678901234"};
	struct error err = {0};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_ok(package_check_name(good[i], &err), &err);
}

TEST_CASE(test_refuses_names_that_could_leave_their_folder_or_confuse)
{
	static const char *const bad[] = {"", "/", "a/", "/a", "a//b", "a/b/c", "..", "a/..", ".a", "-a", "a/-b",
		"Face", "a_b", "a b", "a\n", "caf\xc3\xa9", "con", "reader-app/nul",
		"a2345678901234567890123456789012345678901234567890123456789012345"};
	struct error err = {0};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(package_check_name(bad[i], &err), -1);
		assert_error(&err, ERROR_INPUT, "package name");
	}
}

TEST_CASE(test_names_targets_after_package_and_version)
{
	char path[PACKAGE_TARGET_SIZE];

	package_release_target("face-library", "5.1.0", path);
	assert_string_equal(path, "face-library/face-library-5.1.0.json");
	package_payload_target("reader-app/acme", "1.2", path);
	assert_string_equal(path, "reader-app/acme/reader-app-acme-1.2.tar.zst");
	package_delta_target("reader-app/acme", "1.2", "1.1", PACKAGE_DELTA, path);
	assert_string_equal(path, "reader-app/acme/reader-app-acme-1.2-from-1.1.delta3");
	package_delta_target("reader-app/acme", "1.2", "1.1", PACKAGE_DELTA_FORMER, path);
	assert_string_equal(path, "reader-app/acme/reader-app-acme-1.2-from-1.1.delta");
}

TEST_CASE(test_the_longest_names_fit_into_a_target_path)
{
	static const char name[] = "a234567890123456789012345678901234567890123456789012345678901234";
	static const char version[] = "999999999.999999999.999999999.999999999";
	char path[PACKAGE_TARGET_SIZE];

	package_delta_target(name, version, version, PACKAGE_DELTA, path);
	assert_string_equal(path + strlen(path) - 7, ".delta3");
}

TEST_CASE(test_names_a_release_folder_after_version_and_digest)
{
	char name[PACKAGE_FOLDER_SIZE];

	package_release_folder("5.1.0", "0123456789abcdef", name);
	assert_string_equal(name, "5.1.0-01234567");
}

TESTS(NULL, NULL)
