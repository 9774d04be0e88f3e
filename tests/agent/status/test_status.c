/* What is the case, gathered from a terminal: its disk, its store, the kept catalog. */
#include "agent/status/status_collect.h"
#include "agent/store/contact.h"
#include "tests/agent/agent_fixture.h"
#include "tests/support/test.h"

#define DAY_S 86400

static void collect(struct agent_fixture *fixture, struct status *ret_status)
{
	struct error err = {0};

	assert_ok(status_collect(&fixture->terminal, ret_status, &err), &err);
}

static void install_all(struct agent_fixture *fixture)
{
	agent_fixture_install(fixture, "distro-app", "1.0.0-aaaaaaaa");
	agent_fixture_install(fixture, "face-library", "5.0.2-aaaaaaaa");
	agent_fixture_install(fixture, "linkage-app", "1.1.0-aaaaaaaa");
	agent_fixture_install(fixture, "reader-app/acme", "3.0-aaaaaaaa");
}

TEST_CASE(test_takes_the_versions_from_the_disk)
{
	AUTO(status) struct status status = {0};

	install_all(*state);
	agent_fixture_install(*state, "face-library", "5.1.0-bbbbbbbb");
	collect(*state, &status);
	assert_int_equal(status.count, 4);
	assert_string_equal(status.packages[1].version, "5.1.0");
	assert_string_equal(status.packages[1].folder, "5.1.0-bbbbbbbb");
	assert_string_equal(status.packages[1].previous_version, "5.0.2");
	assert_string_equal(status.packages[3].name, "reader-app/acme");
	assert_string_equal(status.packages[3].version, "3.0");
}

TEST_CASE(test_names_the_services_that_it_is_too_old_for)
{
	static const char catalog[] =
		"{\"issued\":\"2026-01-09T00:00:00Z\",\"packages\":[],\"services\":["
		"{\"service\":\"e-prescription\",\"title\":\"t\",\"requires\":["
		"{\"package\":\"reader-app/other\",\"version\":\"9.0.0\"},"
		"{\"package\":\"distro-app\",\"version\":\"1.0.0\"},"
		"{\"package\":\"face-library\",\"version\":\"5.1.0\"}]},"
		"{\"service\":\"checkups\",\"requires\":[{\"package\":\"linkage-app\",\"version\":\"1.0.9\"}]}]}";
	struct agent_fixture *fixture = *state;
	AUTO(status) struct status status = {0};

	install_all(fixture);
	folder_put(&fixture->folder, "var/lib/haishin/catalog.json", catalog, strlen(catalog));
	collect(fixture, &status);
	assert_int_equal(status.catalog.services_count, 2);
	assert_string_equal(status.catalog.services[0].package, "face-library");
	assert_string_equal(status.catalog.services[0].here, "5.0.2");
	assert_string_equal(status.catalog.services[0].needed, "5.1.0");
	assert_string_equal(status.catalog.services[1].name, "checkups");
	assert_string_equal(status.catalog.services[1].package, "");
}

TEST_CASE(test_changes_nothing_on_the_disk)
{
	struct agent_fixture *fixture = *state;
	AUTO(status) struct status status = {0};
	uint64_t changes = fixture->fs.changes;

	collect(fixture, &status);
	assert_int_equal(fixture->fs.changes, changes);
	assert_false(fs_exists(&fixture->fs, fixture->terminal.packages_dir_fd, "face-library"));
}

TEST_CASE(test_a_package_without_a_release_shows_as_broken)
{
	AUTO(status) struct status status = {0};

	agent_fixture_note_contact(*state);
	collect(*state, &status);
	assert_string_equal(status.packages[0].version, "0.0.0");
	assert_int_equal(status.judgement.verdict, STATUS_ATTENTION);
	assert_int_equal(status.judgement.reason, STATUS_NOT_INSTALLED);
}

TEST_CASE(test_a_current_that_points_nowhere_shows_as_broken)
{
	struct agent_fixture *fixture = *state;
	AUTO(status) struct status status = {0};
	struct error err = {0};

	install_all(fixture);
	assert_ok(fs_remove_tree(
			  &fixture->fs, fixture->folder.fd, "opt/haishin/face-library/versions/5.0.2-aaaaaaaa", &err),
		&err);
	collect(fixture, &status);
	assert_string_equal(status.packages[1].version, "0.0.0");
}

TEST_CASE(test_what_is_staged_asks_for_a_restart)
{
	AUTO(status) struct status status = {0};

	install_all(*state);
	agent_fixture_note_contact(*state);
	agent_fixture_stage(*state, "face-library", "5.1.0", DIGEST_B);
	collect(*state, &status);
	assert_int_equal(status.judgement.verdict, STATUS_RESTART);
	assert_string_equal(status.packages[1].staged_version, "5.1.0");
}

TEST_CASE(test_a_newer_version_in_the_kept_catalog_waits)
{
	AUTO(status) struct status status = {0};

	install_all(*state);
	agent_fixture_note_contact(*state);
	agent_fixture_keep_catalog(*state, "5.1.0");
	collect(*state, &status);
	assert_int_equal(status.judgement.verdict, STATUS_WAITING);
	assert_string_equal(status.packages[1].newest, "5.1.0");
	assert_string_equal(status_package_state(&status.packages[1]), "waiting");
}

TEST_CASE(test_all_at_the_newest_version_is_up_to_date)
{
	AUTO(status) struct status status = {0};

	install_all(*state);
	agent_fixture_note_contact(*state);
	agent_fixture_keep_catalog(*state, "5.0.2");
	collect(*state, &status);
	assert_int_equal(status.judgement.verdict, STATUS_UP_TO_DATE);
	assert_int_equal(status.last_contact.contact_s, NOON_S);
}

static void put_window(struct agent_fixture *fixture, int days_ago, const char *outcome)
{
	int64_t opens_s = NOON_S - days_ago * DAY_S + 8 * 3600; /* 20:00 in Japan */
	struct contact_row row = {
		.opens_s = opens_s, .closes_s = opens_s + 9 * 3600, .first_try_s = opens_s, .attempts = 1};
	struct error err = {0};

	(void)snprintf(row.date, sizeof(row.date), "2026-01-%02u", (unsigned)(10 - days_ago) % 100);
	(void)snprintf(row.outcome, sizeof(row.outcome), "%s", outcome);
	assert_ok(contact_put(fixture->terminal.store, &row, &err), &err);
}

TEST_CASE(test_counts_the_windows_without_contact_since_the_last_one)
{
	AUTO(status) struct status status = {0};

	install_all(*state);
	put_window(*state, 4, "network");
	put_window(*state, 3, "contacted");
	put_window(*state, 2, "network");
	put_window(*state, 1, "server");
	collect(*state, &status);
	assert_int_equal(status.windows.without_contact, 2);
	assert_int_equal(status.judgement.reason, STATUS_NO_CONTACT);
}

TEST_CASE(test_a_check_by_hand_ends_the_windows_without_contact)
{
	AUTO(status) struct status status = {0};

	install_all(*state);
	put_window(*state, 2, "network");
	put_window(*state, 1, "network");
	agent_fixture_note_contact(*state);
	collect(*state, &status);
	assert_int_equal(status.windows.without_contact, 0);
	assert_int_equal(status.judgement.verdict, STATUS_UP_TO_DATE);
}

TESTS(agent_fixture_setup, agent_fixture_teardown)
