/* What was decided for each package, kept for whoever asks later. */
#include <string.h>

#include "agent/choice/kept_choice.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

/* The catalog names face-library 2.0.0, and this is what was decided for it. */
static void note(struct agent_fixture *fixture, struct wanted *wanted)
{
	AUTO(catalog) struct catalog *catalog = NULL;
	struct wanted_list list = {.items = wanted, .count = 1};
	struct distribution distribution = {.terminal = &fixture->terminal, .env = fixture->env};
	struct error err = {0};

	agent_fixture_keep_catalog(fixture, "2.0.0");
	assert_ok(distribution_kept_catalog(&fixture->terminal, &catalog, &err), &err);
	distribution.catalog = catalog;
	assert_ok(kept_choice_note_all(&distribution, &list, &err), &err);
}

TEST_CASE(test_tells_the_gate_and_its_reason)
{
	struct agent_fixture *fixture = *state;
	struct wanted wanted = {.package = "face-library", .digest = DIGEST_A};
	struct kept_choice kept;
	struct error err = {0};
	bool found;

	wanted_shut(&wanted, WANTED_HELD, "held by %s", "staff");
	note(fixture, &wanted);
	assert_ok(kept_choice_of_package(fixture->terminal.store, "face-library", &kept, &found, &err), &err);
	assert_true(found);
	assert_int_equal(kept.at_s, fixture->now_s);
	assert_string_equal(kept.version, "2.0.0");
	assert_string_equal(kept.digest, DIGEST_A);
	assert_string_equal(kept.outcome, wanted_outcome_name(WANTED_HELD));
	assert_string_equal(kept.reason, "held by staff");
	assert_string_equal(kept.error, "none");
	assert_string_equal(kept.requirements, "");
}

TEST_CASE(test_tells_what_the_release_requires_and_how_large_it_is)
{
	struct agent_fixture *fixture = *state;
	struct release_requirement requires[] = {{"distro-app", "2.0.0"}, {"linkage-app", "1.4.0"}};
	struct release_file files[] = {{.path = "a", .size = 40}, {.path = "b", .size = 2}};
	struct release release = {.requires = requires, .requires_count = 2, .files = files, .files_count = 2};
	struct wanted wanted = {.package = "face-library", .offer.release = &release};
	struct kept_choice kept;
	struct error err = {0};
	bool found;

	note(fixture, &wanted);
	assert_ok(kept_choice_of_package(fixture->terminal.store, "face-library", &kept, &found, &err), &err);
	assert_true(found);
	assert_string_equal(kept.requirements, "distro-app=2.0.0 linkage-app=1.4.0");
	assert_int_equal(kept.size, 42);
}

TEST_CASE(test_a_package_of_which_nothing_was_decided_keeps_nothing)
{
	struct agent_fixture *fixture = *state;
	struct kept_choice kept;
	struct error err = {0};
	bool found = true;

	assert_ok(kept_choice_of_package(fixture->terminal.store, "distro-app", &kept, &found, &err), &err);
	assert_false(found);
	assert_string_equal(kept.error, "none");
}

TEST_CASE(test_what_a_former_agent_left_out_is_empty)
{
	struct agent_fixture *fixture = *state;
	struct kept_choice kept;
	struct error err = {0};
	bool found;

	assert_ok(store_set_setting(fixture->terminal.store, "finding.face-library", "{\"version\":\"1.9.0\"}", &err),
		&err);
	assert_ok(kept_choice_of_package(fixture->terminal.store, "face-library", &kept, &found, &err), &err);
	assert_true(found);
	assert_string_equal(kept.version, "1.9.0");
	assert_string_equal(kept.outcome, "");
	assert_int_equal(kept.size, 0);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
