/* What goes back when staff send one package back: with it whatever cannot stay, and nothing else. Each package runs 2.0.0, and ran
 * 1.0.0 before; the plan is empty, as everything was confirmed long ago. */
#include "agent/restart/condemn.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/auto.h"
#include "manifests/release/release.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define DIGITS "0123456789abcdef"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define FORMER "1.0.0-" DIGITS
#define CURRENT "2.0.0-" DIGITS
#define NEXT "3.0.0-" DIGITS

struct case_of_one {
	struct agent_fixture *fixture;
	struct plan *plan;
	struct error err;
};

static int setup(void **state)
{
	struct case_of_one *one = calloc(1, sizeof(*one));

	one->plan = calloc(1, sizeof(*one->plan));
	*state = one;
	return agent_fixture_setup((void **)&one->fixture);
}

static int teardown(void **state)
{
	struct case_of_one *one = *state;
	int ret = agent_fixture_teardown((void **)&one->fixture);

	free(one->plan);
	free(one);
	return ret;
}

/* The bytes beside the release in FOLDER say that it requires PACKAGE=VERSION; NULL: nothing. */
static void write_release(
	struct case_of_one *one, const char *package, const char *folder, const char *requires, const char *version)
{
	AUTO(release) struct release *release = NULL;
	char path[256], json[1280], requirement[128] = "";
	const char *agent = strcmp(package, RELEASE_AGENT_PACKAGE) == 0
				    ? "{\"path\":\"bin\",\"type\":\"folder\",\"mode\":\"0755\"},"
				      "{\"path\":\"" RELEASE_AGENT_PROGRAM "\",\"mode\":\"0755\",\"size\":0,\"sha256\":\"" ZEROS
				      "\"},"
				    : "";
	int len;

	if (requires)
		(void)snprintf(requirement, sizeof(requirement), "\"%s\":\"%s\"", requires, version);
	len = snprintf(json, sizeof(json),
		"{\"package\":\"%s\",\"version\":\"%.5s\",\"installed_bytes\":1,\"requires\":{%s},"
		"\"payload\":{\"target\":\"%s/%s-%.5s.tar.zst\",\"length\":9,\"tar_length\":4096,\"sha256\":\"" ZEROS
		"\",\"frames\":[{\"offset\":0,\"length\":9,\"tar_offset\":0,\"tar_length\":4096,\"sha256\":\"" ZEROS
		"\"}]},\"files\":[%s{\"path\":\"file\",\"mode\":\"0644\",\"size\":1,\"tar_offset\":512,\"sha256\":"
		"\"" ZEROS "\"}]}",
		package, folder, requirement, package, package, folder, agent);
	assert_ok(release_parse(json, (size_t)len, &release, &one->err), &one->err);
	(void)snprintf(path, sizeof(path), "opt/haishin/%s/versions/%s.json", package, folder);
	folder_put(&one->fixture->folder, path, json, (size_t)len);
}

static void runs(struct case_of_one *one, const char *package, const char *requires, const char *version)
{
	agent_fixture_install(one->fixture, package, FORMER);
	agent_fixture_install(one->fixture, package, CURRENT);
	write_release(one, package, CURRENT, requires, version);
}

static void runs_its_first_release(
	struct case_of_one *one, const char *package, const char *requires, const char *version)
{
	agent_fixture_install(one->fixture, package, CURRENT);
	write_release(one, package, CURRENT, requires, version);
}

static void waits_for_a_restart(struct case_of_one *one, const char *package, int group)
{
	struct plan_entry entry = {.priority = 9, .group = group, .state = PLAN_STAGED, .folder = NEXT};

	(void)snprintf(entry.package, sizeof(entry.package), "%s", package);
	assert_ok(plan_put(one->plan, &entry, &one->err), &one->err);
}

static int send_back(struct case_of_one *one, const char *package)
{
	return condemn(&one->fixture->terminal, one->plan, package, "the camera is dark", &one->err);
}

static void assert_goes_back(struct case_of_one *one, const char *package, const char *reason)
{
	const struct plan_entry *entry = plan_find(one->plan, package);

	if (!entry)
		fail_msg("%s stays", package);
	assert_int_equal(entry->state, PLAN_CONDEMNED);
	assert_string_equal(entry->folder, CURRENT);
	assert_string_equal(entry->former, FORMER);
	assert_string_equal(entry->reason, reason);
}

TEST_CASE(test_what_was_confirmed_long_ago_goes_back_alone_where_nobody_requires_it)
{
	struct case_of_one *one = *state;

	runs(one, "face-library", NULL, NULL);
	runs(one, "linkage-app", NULL, NULL);
	assert_ok(send_back(one, "face-library"), &one->err);
	assert_goes_back(one, "face-library", "the camera is dark");
	assert_int_equal(one->plan->count, 1);
}

TEST_CASE(test_what_requires_a_newer_one_than_the_former_goes_with_it_and_so_on)
{
	struct case_of_one *one = *state;

	runs(one, "distro-app", NULL, NULL);
	runs(one, "face-library", "distro-app", "2.0.0");
	runs(one, "linkage-app", "face-library", "1.5.0");
	assert_ok(send_back(one, "distro-app"), &one->err);
	assert_goes_back(one, "distro-app", "the camera is dark");
	assert_goes_back(one, "face-library", "together with distro-app: the camera is dark");
	assert_goes_back(one, "linkage-app", "together with distro-app: the camera is dark");
	assert_int_equal(plan_find(one->plan, "linkage-app")->group, plan_find(one->plan, "distro-app")->group);
}

TEST_CASE(test_what_can_live_with_the_former_release_stays)
{
	struct case_of_one *one = *state;

	runs(one, "distro-app", NULL, NULL);
	runs(one, "face-library", "distro-app", "1.0.0");
	assert_ok(send_back(one, "distro-app"), &one->err);
	assert_null(plan_find(one->plan, "face-library"));
}

TEST_CASE(test_without_a_former_release_nothing_goes_and_it_is_named)
{
	struct case_of_one *one = *state;

	runs_its_first_release(one, "face-library", NULL, NULL);
	assert_int_equal(send_back(one, "face-library"), -1);
	assert_error(&one->err, ERROR_NOT_FOUND, "face-library has no former release");
	assert_int_equal(one->plan->count, 0);
}

TEST_CASE(test_one_that_would_have_to_go_along_and_cannot_keeps_all_and_is_named_with_what_it_requires)
{
	struct case_of_one *one = *state;

	runs(one, "distro-app", NULL, NULL);
	runs_its_first_release(one, "face-library", "distro-app", "1.5.0");
	assert_int_equal(send_back(one, "distro-app"), -1);
	assert_error(&one->err, ERROR_NOT_FOUND, "face-library requires distro-app 1.5.0 or later");
}

TEST_CASE(test_a_release_whose_own_bytes_are_damaged_keeps_nothing_from_going_back)
{
	struct case_of_one *one = *state;

	runs(one, "distro-app", NULL, NULL);
	runs(one, "face-library", "distro-app", "2.0.0");
	folder_put(&one->fixture->folder, "opt/haishin/face-library/versions/" CURRENT ".json", "{", 1);
	assert_ok(send_back(one, "distro-app"), &one->err);
	assert_goes_back(one, "distro-app", "the camera is dark");
	assert_null(plan_find(one->plan, "face-library"));
}

TEST_CASE(test_what_only_waits_for_a_restart_and_requires_it_leaves_the_plan_and_others_wait_on)
{
	struct case_of_one *one = *state;

	runs(one, "distro-app", NULL, NULL);
	runs(one, "face-library", NULL, NULL);
	write_release(one, "face-library", NEXT, "distro-app", "2.0.0");
	waits_for_a_restart(one, "face-library", 8);
	waits_for_a_restart(one, "reader-app/acme", 9);
	assert_ok(send_back(one, "distro-app"), &one->err);
	assert_null(plan_find(one->plan, "face-library"));
	assert_int_equal(plan_find(one->plan, "reader-app/acme")->state, PLAN_STAGED);
}

TEST_CASE(test_what_goes_back_already_keeps_the_reason_it_has)
{
	struct case_of_one *one = *state;

	runs(one, "face-library", NULL, NULL);
	assert_ok(send_back(one, "face-library"), &one->err);
	assert_ok(condemn(&one->fixture->terminal, one->plan, "face-library", "asked again", &one->err), &one->err);
	assert_goes_back(one, "face-library", "the camera is dark");
}

TESTS(setup, teardown)
