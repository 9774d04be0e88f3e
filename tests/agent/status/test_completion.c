/* The completion report of a campaign (F24): only what is true, and nothing for staff to type that is known. */
#include <stdio.h>
#include <string.h>

#include "agent/status/completion.h"
#include "agent/store/delivery.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define DAY_S 86400

/* A campaign 150 from the 5th for face-library, one 151 that begins on the 20th, and one 90 that is long over. */
static void keep_catalog(struct agent_fixture *fixture)
{
	static const char json[] =
		"{\"issued\":\"2026-01-09T00:00:00Z\",\"packages\":["
		"{\"package\":\"distro-app\",\"priority\":1,\"version\":\"1.0.0\",\"release\":\"distro-app/"
		"distro-app-1.0.0.json\"},"
		"{\"package\":\"face-library\",\"priority\":2,\"version\":\"5.1.0\",\"release\":\"face-library/"
		"face-library-5.1.0.json\"}],\"campaigns\":["
		"{\"number\":90,\"first_night\":\"2025-01-05\",\"last_night\":\"2025-01-09\"},"
		"{\"number\":150,\"title\":\"January\",\"packages\":[\"face-library\"],\"first_night\":\"2026-01-"
		"05\","
		"\"last_night\":\"2026-01-30\"},"
		"{\"number\":151,\"first_night\":\"2026-01-20\",\"last_night\":\"2026-01-30\"}]}";

	folder_put(&fixture->folder, "var/lib/haishin/catalog.json", json, strlen(json));
}

/* The release is in use, and was found to work now. */
static void bring(struct agent_fixture *fixture, const char *package, const char *version, const char *digest)
{
	struct store *store = fixture->terminal.store;
	struct delivery delivery;
	struct error err = {0};
	char folder[PACKAGE_FOLDER_SIZE];

	package_release_folder(version, digest, folder);
	agent_fixture_install(fixture, package, folder);
	assert_ok(delivery_plan(store, package, version, digest, 150, &delivery, &err), &err);
	assert_ok(delivery_begin(store, &delivery, 10, &err), &err);
	assert_ok(delivery_staged(store, &delivery, 10, &err), &err);
	assert_ok(delivery_activated(store, &delivery, NULL, &err), &err);
	assert_ok(delivery_confirmed(store, &delivery, &err), &err);
}

static json_t *completion_of(struct agent_fixture *fixture, const char *parameters)
{
	AUTO(json) json_t *answer = agent_fixture_call(fixture, "GetCompletion", parameters);

	return json_incref(json_object_get(answer, "parameters"));
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

TEST_CASE(test_says_when_all_of_the_campaign_came_into_use)
{
	AUTO(json) json_t *report = NULL;

	keep_catalog(*state);
	bring(*state, "face-library", "5.1.0", DIGEST_A);
	report = completion_of(*state, NULL);
	assert_int_equal(json_integer_value(json_object_get(report, "campaign")), 150);
	assert_true(json_is_true(json_object_get(report, "complete")));
	assert_string_equal(text_of(report, "completed"), "2026-01-10");
	assert_int_equal(json_array_size(json_object_get(report, "packages")), 1);
}

TEST_CASE(test_is_not_complete_while_a_package_is_older_or_on_trial)
{
	AUTO(json) json_t *before = NULL;
	AUTO(json) json_t *staged = NULL;

	keep_catalog(*state);
	agent_fixture_install(*state, "face-library", "5.0.2-aaaaaaaa");
	before = completion_of(*state, NULL);
	assert_false(json_is_true(json_object_get(before, "complete")));
	assert_true(json_is_null(json_object_get(before, "completed")));
	agent_fixture_stage(*state, "face-library", "5.1.0", DIGEST_B);
	staged = completion_of(*state, NULL);
	assert_false(json_is_true(json_object_get(staged, "complete")));
}

TEST_CASE(test_what_was_there_before_is_complete_with_the_first_night)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *report = NULL;

	keep_catalog(fixture);
	fixture->now_s -= 9 * DAY_S;
	bring(fixture, "face-library", "5.2.0", DIGEST_A);
	fixture->now_s += 9 * DAY_S;
	report = completion_of(fixture, NULL);
	assert_string_equal(text_of(report, "completed"), "2026-01-05");
}

TEST_CASE(test_a_campaign_without_a_list_wants_every_package_of_the_catalog)
{
	AUTO(json) json_t *report = NULL;

	keep_catalog(*state);
	bring(*state, "face-library", "5.1.0", DIGEST_A);
	report = completion_of(*state, "{\"campaign\":90}");
	assert_int_equal(json_array_size(json_object_get(report, "packages")), 2);
	assert_false(json_is_true(json_object_get(report, "complete")));
}

TEST_CASE(test_takes_name_and_telephone_from_the_settings_or_the_caller)
{
	struct agent_fixture *fixture = *state;
	AUTO(json) json_t *given = NULL;
	AUTO(json) json_t *configured = NULL;

	keep_catalog(fixture);
	free(fixture->config.institution_name);
	fixture->config.institution_name = strdup("医療法人 さくら会");
	configured = completion_of(fixture, NULL);
	assert_string_equal(text_of(configured, "institution_name"), "医療法人 さくら会");
	assert_string_equal(text_of(configured, "telephone"), "");
	given = completion_of(fixture, "{\"institution_name\":\"北医院\",\"telephone\":\"050-2017-3758\"}");
	assert_string_equal(text_of(given, "institution_name"), "北医院");
	assert_string_equal(text_of(given, "telephone"), "05020173758");
}

TEST_CASE(test_refuses_what_is_no_telephone_number_and_a_campaign_that_is_none)
{
	AUTO(json) json_t *too_short = NULL;
	AUTO(json) json_t *unknown = NULL;

	keep_catalog(*state);
	too_short = completion_of(*state, "{\"telephone\":\"050-2017-37\"}");
	assert_string_equal(text_of(too_short, "code"), "usage");
	assert_non_null(strstr(text_of(too_short, "message"), "no telephone number of 10 or 11 digits"));
	unknown = completion_of(*state, "{\"campaign\":7}");
	assert_string_equal(text_of(unknown, "code"), "not-found");
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
