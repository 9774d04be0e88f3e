#include "tests/support/tuf_site_test.h"

#include "manifests/tuf/time_floor.h"

#define DAY_S INT64_C(86400)

/* The publisher says when it signed a role. */
static void set_issued(struct tuf_site *site, const char *role, const char *date)
{
	json_object_set_new(
		tuf_repository_body(&site->repository, role), "haishin", json_pack("{s:s}", "issued", date));
}

static void publish_timestamp_of(struct tuf_site *site, const char *issued, const char *expires)
{
	set_issued(site, "timestamp", issued);
	tuf_repository_set_expires(&site->repository, "timestamp", expires);
	tuf_repository_timestamp(&site->repository);
}

static void begin(struct tuf_site *site)
{
	site->keep_time_floor = true;
	publish_timestamp_of(site, "2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z");
	assert_refreshes(site);
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), TUF_NOW_S);
}

TEST_CASE(test_verified_metadata_raises_the_floor)
{
	struct tuf_site *site = *state;

	begin(site);
	publish_timestamp_of(site, "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z");
	assert_refreshes(site);
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), TUF_NOW_S + 4 * DAY_S);
	publish_timestamp_of(site, "2026-01-03T00:00:00Z", "2026-01-12T00:00:00Z");
	assert_refreshes(site);
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), TUF_NOW_S + 4 * DAY_S);
}

TEST_CASE(test_a_clock_behind_the_floor_is_not_believed)
{
	struct tuf_site *site = *state;

	begin(site);
	publish_timestamp_of(site, "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z");
	assert_refreshes(site);
	/* The battery is empty: 1970. What expired before the floor stays refused. */
	site->now_s = 0;
	tuf_repository_set_expires(&site->repository, "targets", "2026-01-04T00:00:00Z");
	tuf_repository_bump_targets(&site->repository);
	assert_refresh_expired(site, "targets 2 expired at 2026-01-04T00:00:00Z, and it is 2026-01-05T00:00:00Z");
}

TEST_CASE(test_a_terminal_without_a_battery_is_not_bricked)
{
	struct tuf_site *site = *state;

	site->now_s = 0;
	begin(site);
	publish_timestamp_of(site, "2026-06-01T00:00:00Z", "2026-06-08T00:00:00Z");
	assert_refreshes(site);
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), INT64_C(1780272000));
}

TEST_CASE(test_a_clock_far_ahead_refuses_but_leaves_no_trace)
{
	struct tuf_site *site = *state;

	begin(site);
	site->now_s = INT64_C(4102444800); /* 2100 */
	assert_refresh_expired(site, "root 1");
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), TUF_NOW_S);
	site->now_s = TUF_NOW_S + DAY_S;
	assert_refreshes(site);
}

TEST_CASE(test_a_stolen_timestamp_key_cannot_make_everything_look_expired)
{
	struct tuf_site *site = *state;

	begin(site);
	publish_timestamp_of(site, "2098-01-01T00:00:00Z", "2099-01-01T00:00:00Z");
	assert_refreshes(site);
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), TUF_NOW_S);
	/* As far as root, snapshot and targets reach it can; new keys in the root take that back. */
	publish_timestamp_of(site, "2029-12-31T00:00:00Z", "2099-01-01T00:00:00Z");
	assert_refreshes(site);
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), INT64_C(1893369600));
	tuf_repository_rotate(&site->repository, "root", "timestamp");
	tuf_repository_bump(&site->repository, "root");
	publish_timestamp_of(site, "2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z");
	assert_refreshes(site);
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), TUF_NOW_S + DAY_S);
}

TEST_CASE(test_a_verified_target_may_vouch_for_a_time)
{
	struct tuf_site *site = *state;
	struct tuf_client_options options = {
		.metadata_dir_fd = site->metadata.fd,
		.metadata_url = TUF_METADATA_URL,
		.keep_time_floor = true,
	};
	AUTO(tuf_client) struct tuf_client *client = NULL;

	begin(site);
	assert_ok(tuf_client_open(&site->env, &options, &client, &site->err), &site->err);
	assert_ok(tuf_client_refresh(client, &site->err), &site->err);
	assert_int_equal(tuf_client_now_s(client), TUF_NOW_S);
	assert_ok(tuf_client_vouch_time(client, TUF_NOW_S + DAY_S, &site->err), &site->err);
	assert_int_equal(tuf_client_now_s(client), TUF_NOW_S + DAY_S);
	/* The timestamp expires on the 8th: nobody vouches beyond it. */
	assert_ok(tuf_client_vouch_time(client, TUF_NOW_S + 30 * DAY_S, &site->err), &site->err);
	assert_int_equal(tuf_client_now_s(client), TUF_NOW_S + DAY_S);
}

TEST_CASE(test_a_damaged_floor_counts_as_none)
{
	struct tuf_site *site = *state;

	begin(site);
	folder_put(&site->metadata, TIME_FLOOR_FILE, "tomorrow\n", 9);
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), 0);
	assert_refreshes(site);
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), TUF_NOW_S);
}

TEST_CASE(test_without_the_option_the_clock_alone_counts)
{
	struct tuf_site *site = *state;

	begin(site);
	site->keep_time_floor = false;
	publish_timestamp_of(site, "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z");
	site->now_s = 0;
	assert_refreshes(site);
	assert_int_equal(time_floor_load(&site->fs, site->metadata.fd), TUF_NOW_S);
}

TESTS(tuf_site_setup, tuf_site_teardown)
