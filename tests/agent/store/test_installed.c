#include <stdio.h>

#include "agent/store/installed.h"
#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

static void put(struct store_fixture *fixture, const char *package, const char *version)
{
	struct installed_row row = {.since_s = FIXTURE_NOW_S};
	struct error err = {0};

	(void)snprintf(row.package, sizeof(row.package), "%s", package);
	(void)snprintf(row.version, sizeof(row.version), "%s", version);
	(void)snprintf(row.digest, sizeof(row.digest), "%s", DIGEST_A);
	package_release_folder(row.version, row.digest, row.folder);
	assert_ok(installed_put(fixture->store, &row, &err), &err);
}

TEST_CASE(test_knows_one_release_of_a_package)
{
	struct store_fixture *fixture = *state;
	struct installed_row row;
	struct error err = {0};
	bool found;

	put(fixture, "face-library", "5.0.2");
	put(fixture, "face-library", "5.1.0");
	store_fixture_reopen(fixture);
	assert_ok(installed_find(fixture->store, "face-library", &row, &found, &err), &err);
	assert_true(found);
	assert_string_equal(row.version, "5.1.0");
	assert_string_equal(row.folder, "5.1.0-aaaaaaaa");
	assert_string_equal(row.digest, DIGEST_A);
	assert_int_equal(row.since_s, FIXTURE_NOW_S);
	assert_ok(installed_drop(fixture->store, "face-library", &err), &err);
	assert_ok(installed_find(fixture->store, "face-library", &row, &found, &err), &err);
	assert_false(found);
}

TESTS(store_fixture_setup, store_fixture_teardown)
