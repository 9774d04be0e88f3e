#include "tests/support/test.h"

#include "manifests/base/package.h"

static void test_accepts_the_names_of_the_field(void **state)
{
	static const char *const good[] = {"distro-app", "face-library", "reader-app/acme", "a", "0/1",
		"a234567890123456789012345678901234567890123456789012345678901234"};
	struct error err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_ok(package_check_name(good[i], &err), &err);
}

static void test_refuses_names_that_could_leave_their_folder_or_confuse(void **state)
{
	static const char *const bad[] = {"", "/", "a/", "/a", "a//b", "a/b/c", "..", "a/..", ".a", "-a", "a/-b",
		"Face", "a_b", "a b", "a\n", "caf\xc3\xa9", "con", "reader-app/nul",
		"a2345678901234567890123456789012345678901234567890123456789012345"};
	struct error err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(package_check_name(bad[i], &err), -1);
		assert_error(&err, ERROR_INPUT, "package name");
	}
}

static void test_names_targets_after_package_and_version(void **state)
{
	char path[PACKAGE_TARGET_SIZE];

	(void)state;
	package_release_target("face-library", "5.1.0", path);
	assert_string_equal(path, "face-library/face-library-5.1.0.json");
	package_payload_target("reader-app/acme", "1.2", path);
	assert_string_equal(path, "reader-app/acme/reader-app-acme-1.2.tar.zst");
	package_delta_target("reader-app/acme", "1.2", "1.1", PACKAGE_DELTA, path);
	assert_string_equal(path, "reader-app/acme/reader-app-acme-1.2-from-1.1.delta3");
	package_delta_target("reader-app/acme", "1.2", "1.1", PACKAGE_DELTA_FORMER, path);
	assert_string_equal(path, "reader-app/acme/reader-app-acme-1.2-from-1.1.delta");
}

static void test_the_longest_names_fit_into_a_target_path(void **state)
{
	static const char name[] = "a234567890123456789012345678901234567890123456789012345678901234";
	static const char version[] = "999999999.999999999.999999999.999999999";
	char path[PACKAGE_TARGET_SIZE];

	(void)state;
	package_delta_target(name, version, version, PACKAGE_DELTA, path);
	assert_string_equal(path + strlen(path) - 7, ".delta3");
}

static void test_names_a_release_folder_after_version_and_digest(void **state)
{
	char name[PACKAGE_FOLDER_SIZE];

	(void)state;
	package_release_folder("5.1.0", "0123456789abcdef", name);
	assert_string_equal(name, "5.1.0-01234567");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts_the_names_of_the_field),
		cmocka_unit_test(test_refuses_names_that_could_leave_their_folder_or_confuse),
		cmocka_unit_test(test_names_targets_after_package_and_version),
		cmocka_unit_test(test_the_longest_names_fit_into_a_target_path),
		cmocka_unit_test(test_names_a_release_folder_after_version_and_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
