#include <stdio.h>

#include "agent/store/quarantine.h"
#include "tests/agent/store_fixture.h"
#include "tests/support/test.h"

static void add(struct store_fixture *fixture, const char *package, const char *digest, const char *reason)
{
	struct error err = {0};

	assert_ok(quarantine_add(fixture->store, package, "5.1.0", digest, reason, &err), &err);
}

static bool holds(struct store_fixture *fixture, const char *package, const char *digest)
{
	struct quarantine_row row;
	struct error err = {0};
	bool found;

	assert_ok(quarantine_find(fixture->store, package, digest, &row, &found, &err), &err);
	return found;
}

TEST_CASE(test_holds_a_release_by_package_and_digest)
{
	struct store_fixture *fixture = *state;

	add(fixture, "face-library", DIGEST_A, "unhealthy");
	store_fixture_reopen(fixture);
	assert_true(holds(fixture, "face-library", DIGEST_A));
	assert_false(holds(fixture, "face-library", DIGEST_B));
	assert_false(holds(fixture, "linkage-app", DIGEST_A));
	assert_int_equal(
		store_fixture_number(fixture, "SELECT count(*) FROM history WHERE operation = 'quarantine'"), 1);
}

TEST_CASE(test_keeps_the_first_reason_and_tells_it_once)
{
	struct store_fixture *fixture = *state;
	struct quarantine_row row;
	struct error err = {0};
	bool found;

	add(fixture, "face-library", DIGEST_A, "unhealthy");
	fixture->now_s += 100;
	add(fixture, "face-library", DIGEST_A, "still unhealthy");
	assert_ok(quarantine_find(fixture->store, "face-library", DIGEST_A, &row, &found, &err), &err);
	assert_string_equal(row.reason, "unhealthy");
	assert_int_equal(row.since_s, FIXTURE_NOW_S);
	assert_int_equal(store_fixture_number(fixture, "SELECT count(*) FROM history"), 1);
}

TEST_CASE(test_lets_others_go_when_the_catalog_names_another)
{
	struct store_fixture *fixture = *state;
	struct error err = {0};

	add(fixture, "face-library", DIGEST_A, "unhealthy");
	add(fixture, "face-library", DIGEST_B, "unhealthy");
	add(fixture, "linkage-app", DIGEST_A, "unhealthy");
	assert_ok(quarantine_lift_others(fixture->store, "face-library", DIGEST_B, "", &err), &err);
	assert_false(holds(fixture, "face-library", DIGEST_A));
	assert_true(holds(fixture, "face-library", DIGEST_B));
	assert_true(holds(fixture, "linkage-app", DIGEST_A));
	assert_ok(quarantine_lift_others(fixture->store, "face-library", DIGEST_B, "", &err), &err);
	assert_int_equal(
		store_fixture_number(fixture, "SELECT count(*) FROM history WHERE operation = 'quarantine-end'"), 1);
}

static int list(void *context, const struct quarantine_row *row, struct error *err)
{
	char *names = context;

	(void)err;
	(void)snprintf(names + strlen(names), 100 - strlen(names), "%s %c; ", row->package, row->digest[0]);
	return 0;
}

TEST_CASE(test_hands_over_all_by_package)
{
	struct store_fixture *fixture = *state;
	char names[100] = "";
	struct error err = {0};

	add(fixture, "linkage-app", DIGEST_A, "unhealthy");
	add(fixture, "face-library", DIGEST_B, "unhealthy");
	assert_ok(quarantine_each(fixture->store, list, names, &err), &err);
	assert_string_equal(names, "face-library b; linkage-app a; ");
}

TESTS(store_fixture_setup, store_fixture_teardown)
