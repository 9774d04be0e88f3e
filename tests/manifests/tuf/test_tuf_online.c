/* TUF 5.4 and 5.5: timestamp and snapshot. */
#include "tests/support/tuf_site_test.h"

static void remove_local(struct tuf_site *site, const char *name)
{
	assert_ok(fs_remove(&site->fs, site->metadata.fd, name, &site->err), &site->err);
}

static void pad(struct tuf_site *site, const char *role, size_t bytes)
{
	AUTO(free) char *padding = malloc(bytes + 1);

	memset(padding, 'x', bytes);
	padding[bytes] = '\0';
	json_object_set_new(tuf_repository_body(&site->repository, role), "x-padding", json_string(padding));
}

TEST_CASE(test_the_timestamp_is_always_asked_for)
{
	struct tuf_site *site = *state;

	for (int i = 0; i < 3; i++) {
		assert_refreshes(site);
		assert_non_null(strstr(site->repository.requests, "metadata/timestamp.json "));
	}
	site->repository.fault_name = "metadata/timestamp.json";
	assert_int_equal(tuf_site_refresh(site), -1);
	assert_error(&site->err, ERROR_NETWORK, "timestamp.json");
}

TEST_CASE(test_a_timestamp_that_the_server_lacks_is_an_error)
{
	struct tuf_site *site = *state;

	site->repository.fault_name = "metadata/timestamp.json";
	site->repository.fault_status = 404;
	assert_int_equal(tuf_site_refresh(site), -1);
	assert_error(&site->err, ERROR_SERVER, "timestamp.json");
}

TEST_CASE(test_refuses_a_timestamp_beyond_the_byte_limit)
{
	struct tuf_site *site = *state;

	pad(site, "timestamp", 17000);
	tuf_repository_bump(&site->repository, "timestamp");
	assert_refresh_refused(site, "endless data attack: timestamp.json");
}

TEST_CASE(test_refuses_a_timestamp_below_the_threshold)
{
	struct tuf_site *site = *state;

	tuf_repository_set_threshold(&site->repository, "root", "timestamp", 2);
	tuf_repository_bump(&site->repository, "root");
	assert_refresh_refused(site, "wrong key: timestamp 1 is signed by 1 of the 2 keys that root asks for");
	assert_versions(site, 2, 0, 0, 0);
}

TEST_CASE(test_refuses_a_timestamp_signed_by_another_role)
{
	struct tuf_site *site = *state;

	json_object_set(site->repository.signers, "timestamp", json_object_get(site->repository.signers, "snapshot"));
	tuf_repository_bump(&site->repository, "timestamp");
	assert_refresh_refused(site, "wrong key: timestamp 2 is signed by 0 of the 1 keys");
}

TEST_CASE(test_refuses_a_timestamp_older_than_the_trusted_one)
{
	struct tuf_site *site = *state;

	tuf_repository_timestamp(&site->repository);
	assert_refreshes(site);
	tuf_repository_set_version(&site->repository, "timestamp", 1);
	tuf_repository_publish(&site->repository, "timestamp");
	assert_refresh_refused(site, "rollback attack: timestamp 1 is older than the trusted 2");
	assert_versions(site, 1, 2, 1, 1);
}

TEST_CASE(test_a_timestamp_of_the_same_version_changes_nothing)
{
	struct tuf_site *site = *state;
	AUTO(free) char *before = NULL;
	AUTO(free) char *after = NULL;

	assert_refreshes(site);
	before = folder_get(&site->metadata, "timestamp.json", NULL);
	json_object_set_new(
		json_object_get(tuf_repository_member(&site->repository, "timestamp", "meta"), "snapshot.json"),
		"version", json_integer(100));
	tuf_repository_publish(&site->repository, "timestamp");
	assert_refreshes(site);
	assert_requests(site, "metadata/2.root.json metadata/timestamp.json ");
	after = folder_get(&site->metadata, "timestamp.json", NULL);
	assert_string_equal(before, after);
}

TEST_CASE(test_a_timestamp_of_the_same_version_must_still_be_signed)
{
	struct tuf_site *site = *state;

	assert_refreshes(site);
	json_array_clear(json_object_get(site->repository.signers, "timestamp"));
	tuf_repository_publish(&site->repository, "timestamp");
	assert_refresh_refused(site, "wrong key: timestamp 1");
}

TEST_CASE(test_refuses_a_timestamp_that_lists_an_older_snapshot)
{
	struct tuf_site *site = *state;

	tuf_repository_snapshot(&site->repository);
	assert_refreshes(site);
	tuf_repository_set_version(&site->repository, "snapshot", 1);
	tuf_repository_timestamp(&site->repository);
	assert_refresh_refused(site, "rollback attack: timestamp 3 lists snapshot.json 1, the trusted one 2");
	assert_versions(site, 1, 2, 2, 1);
	/* Nor where the trusted timestamp was lost. */
	remove_local(site, "timestamp.json");
	assert_refresh_refused(site, "rollback attack: timestamp 3 lists snapshot 1, the trusted one is 2");
	assert_versions(site, 1, 0, 2, 1);
}

TEST_CASE(test_refuses_an_expired_timestamp_and_keeps_the_former)
{
	struct tuf_site *site = *state;

	assert_refreshes(site);
	tuf_repository_set_expires(&site->repository, "timestamp", "2025-12-31T00:00:00Z");
	tuf_repository_timestamp(&site->repository);
	assert_refresh_expired(site, "timestamp 2 expired at 2025-12-31T00:00:00Z");
	assert_versions(site, 1, 1, 1, 1);
}

TEST_CASE(test_an_expired_trusted_timestamp_still_refuses_a_rollback)
{
	struct tuf_site *site = *state;

	tuf_repository_set_expires(&site->repository, "timestamp", "2026-01-02T00:00:00Z");
	tuf_repository_timestamp(&site->repository);
	assert_refreshes(site);
	site->now_s += INT64_C(86400) * 10;
	tuf_repository_set_expires(&site->repository, "timestamp", TUF_EXPIRES);
	tuf_repository_set_version(&site->repository, "timestamp", 1);
	tuf_repository_publish(&site->repository, "timestamp");
	assert_refresh_refused(site, "rollback attack: timestamp 1 is older than the trusted 2");
}

TEST_CASE(test_an_expired_trusted_timestamp_is_never_good_enough)
{
	struct tuf_site *site = *state;

	tuf_repository_set_expires(&site->repository, "timestamp", "2026-01-02T00:00:00Z");
	tuf_repository_timestamp(&site->repository);
	assert_refreshes(site);
	site->now_s += INT64_C(86400) * 10;
	assert_refresh_expired(site, "timestamp 2");
	/* The server cannot prolong it under the same version either. */
	tuf_repository_set_expires(&site->repository, "timestamp", TUF_EXPIRES);
	tuf_repository_publish(&site->repository, "timestamp");
	assert_refresh_expired(site, "timestamp 2");
	tuf_repository_timestamp(&site->repository);
	assert_refreshes(site);
}

TEST_CASE(test_refuses_a_timestamp_that_lists_anything_but_the_snapshot)
{
	struct tuf_site *site = *state;
	json_t *meta = tuf_repository_member(&site->repository, "timestamp", "meta");

	json_object_set_new(meta, "targets.json", json_pack("{s:i}", "version", 1));
	tuf_repository_bump(&site->repository, "timestamp");
	assert_refresh_refused(site, "malformed metadata: timestamp: member 'meta'");
}

TEST_CASE(test_a_snapshot_is_read_no_further_than_its_listed_length)
{
	struct tuf_site *site = *state;

	site->repository.list_contents = true;
	tuf_repository_snapshot(&site->repository);
	pad(site, "snapshot", 100);
	tuf_repository_publish(&site->repository, "snapshot");
	assert_refresh_refused(site, "endless data attack: 2.snapshot.json");
	assert_versions(site, 1, 2, 0, 0);
}

TEST_CASE(test_refuses_a_snapshot_beyond_the_own_limit)
{
	struct tuf_site *site = *state;

	pad(site, "snapshot", 2000001);
	tuf_repository_snapshot(&site->repository);
	assert_refresh_refused(site, "endless data attack: 2.snapshot.json");
}

TEST_CASE(test_refuses_a_listed_length_that_no_metadata_needs)
{
	struct tuf_site *site = *state;
	json_t *meta = tuf_repository_member(&site->repository, "timestamp", "meta");

	json_object_set_new(json_object_get(meta, "snapshot.json"), "length", json_integer(INT64_C(1) << 40));
	tuf_repository_bump(&site->repository, "timestamp");
	assert_refresh_refused(site, "endless data attack: snapshot is listed with 1099511627776 bytes");
	assert_null(strstr(site->repository.requests, "snapshot.json"));
}

TEST_CASE(test_tells_versions_and_expiry_of_what_is_trusted)
{
	static const char *const roles[] = {"root", "timestamp", "snapshot", "targets"};
	struct tuf_site *site = *state;
	struct tuf_client_options options = tuf_site_options(site);
	AUTO(tuf_client) struct tuf_client *client = NULL;
	AUTO(tuf_target) struct tuf_target target = {0};
	int64_t expires_s = 0;

	assert_ok(tuf_client_open(&site->env, &options, &client, &site->err), &site->err);
	assert_int_equal(tuf_client_version(client, "timestamp", NULL), 0);
	assert_int_equal(tuf_client_find(client, "file", &target, &site->err), -1);
	assert_error(&site->err, ERROR_USAGE, "before a refresh");
	assert_ok(tuf_client_refresh(client, &site->err), &site->err);
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		assert_int_equal(tuf_client_version(client, roles[i], &expires_s), 1);
		assert_int_equal(expires_s, INT64_C(1893456000));
	}
	assert_int_equal(tuf_client_version(client, "nobody", &expires_s), 0);
}

TEST_CASE(test_refuses_a_snapshot_shorter_than_listed)
{
	struct tuf_site *site = *state;

	pad(site, "snapshot", 100);
	site->repository.list_contents = true;
	tuf_repository_snapshot(&site->repository);
	json_object_del(tuf_repository_body(&site->repository, "snapshot"), "x-padding");
	tuf_repository_publish(&site->repository, "snapshot");
	assert_refresh_refused(site, "mix-and-match attack: snapshot 2");
}

/* Nobody signed it, so nobody forged it, whatever was listed. */
TEST_CASE(test_what_is_no_document_in_place_of_a_listed_one_is_no_contact)
{
	static const char *const texts[] = {
		"", "{}", "null", "not authorized", "{\"captive\": true}", "{\"signed\": {\"_type\": \"snapshot\""};
	struct tuf_site *site = *state;

	site->repository.list_contents = true;
	tuf_repository_snapshot(&site->repository);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		tuf_repository_put(&site->repository, "metadata/2.snapshot.json", texts[i], strlen(texts[i]));
		assert_int_equal(tuf_site_refresh(site), -1);
		assert_error(&site->err, ERROR_STRANGER, "something else came in place of snapshot 2");
	}
}

TEST_CASE(test_refuses_a_snapshot_whose_hash_is_not_listed)
{
	struct tuf_site *site = *state;

	site->repository.list_contents = true;
	tuf_repository_snapshot(&site->repository);
	tuf_repository_alter(&site->repository, "snapshot");
	assert_refresh_refused(site, "mix-and-match attack: snapshot 2: the SHA-256");
}

TEST_CASE(test_refuses_a_snapshot_of_which_only_unknown_hashes_are_listed)
{
	struct tuf_site *site = *state;
	json_t *meta = tuf_repository_member(&site->repository, "timestamp", "meta");

	json_object_set_new(json_object_get(meta, "snapshot.json"), "hashes", json_pack("{s:s}", "md5", "00"));
	tuf_repository_bump(&site->repository, "timestamp");
	assert_refresh_refused(site, "mix-and-match attack: snapshot 1: none of the listed hashes");
}

TEST_CASE(test_refuses_a_snapshot_below_the_threshold)
{
	struct tuf_site *site = *state;

	tuf_repository_set_threshold(&site->repository, "root", "snapshot", 2);
	tuf_repository_bump(&site->repository, "root");
	assert_refresh_refused(site, "wrong key: snapshot 1 is signed by 1 of the 2 keys");
	assert_versions(site, 2, 1, 0, 0);
}

TEST_CASE(test_refuses_a_snapshot_of_another_version_than_listed)
{
	struct tuf_site *site = *state;

	tuf_repository_disguise(&site->repository, "snapshot", 2);
	assert_refresh_refused(site, "mix-and-match attack: snapshot has version 2 where 1 is listed");
	assert_versions(site, 1, 1, 0, 0);
}

TEST_CASE(test_refuses_a_snapshot_in_which_an_entry_vanished)
{
	struct tuf_site *site = *state;

	tuf_repository_delegate(&site->repository, "targets", "vendor", "v/*", false);
	tuf_repository_publish(&site->repository, "vendor");
	tuf_repository_bump_targets(&site->repository);
	assert_refreshes(site);
	json_object_del(tuf_repository_member(&site->repository, "snapshot", "meta"), "vendor.json");
	tuf_repository_bump(&site->repository, "snapshot");
	tuf_repository_timestamp(&site->repository);
	assert_refresh_refused(site, "rollback attack: snapshot 3 no longer lists vendor.json");
	assert_versions(site, 1, 3, 2, 2);
}

static void roll_targets_back(struct tuf_site *site)
{
	tuf_repository_bump_targets(&site->repository);
	assert_refreshes(site);
	tuf_repository_set_version(&site->repository, "targets", 1);
	tuf_repository_publish(&site->repository, "targets");
	tuf_repository_snapshot(&site->repository);
}

TEST_CASE(test_refuses_a_snapshot_that_lists_an_older_version_of_a_role)
{
	struct tuf_site *site = *state;

	roll_targets_back(site);
	assert_refresh_refused(site, "rollback attack: snapshot 3 lists targets.json 1, the trusted one 2");
	assert_versions(site, 1, 3, 2, 2);
}

TEST_CASE(test_a_snapshot_that_no_longer_matches_still_refuses_a_rollback)
{
	struct tuf_site *site = *state;

	site->repository.list_contents = true;
	roll_targets_back(site);
	assert_refresh_refused(site, "rollback attack: snapshot 3 lists targets.json 1, the trusted one 2");
}

TEST_CASE(test_an_expired_snapshot_still_refuses_a_rollback)
{
	struct tuf_site *site = *state;

	tuf_repository_set_expires(&site->repository, "snapshot", "2026-01-02T00:00:00Z");
	roll_targets_back(site);
	tuf_repository_set_expires(&site->repository, "snapshot", TUF_EXPIRES);
	tuf_repository_snapshot(&site->repository);
	site->now_s += INT64_C(86400) * 10;
	assert_refresh_refused(site, "rollback attack: snapshot 4 lists targets.json 1, the trusted one 2");
}

TEST_CASE(test_an_older_targets_is_refused_even_where_the_snapshot_was_lost)
{
	struct tuf_site *site = *state;

	roll_targets_back(site);
	folder_put(&site->metadata, "snapshot.json", "damaged", 7);
	assert_refresh_refused(site, "rollback attack: targets 1 is older than the trusted 2");
	assert_int_equal(tuf_site_version(site, "targets"), 2);
}

TEST_CASE(test_refuses_an_expired_snapshot_and_keeps_the_former)
{
	struct tuf_site *site = *state;

	assert_refreshes(site);
	tuf_repository_set_expires(&site->repository, "snapshot", "2025-12-31T00:00:00Z");
	tuf_repository_snapshot(&site->repository);
	assert_refresh_expired(site, "snapshot 2");
	assert_versions(site, 1, 2, 1, 1);
}

TEST_CASE(test_recovers_once_the_repository_is_right_again)
{
	struct tuf_site *site = *state;

	assert_refreshes(site);
	tuf_repository_set_expires(&site->repository, "snapshot", "2025-12-31T00:00:00Z");
	tuf_repository_snapshot(&site->repository);
	assert_int_equal(tuf_site_refresh(site), -1);
	tuf_repository_set_expires(&site->repository, "snapshot", TUF_EXPIRES);
	tuf_repository_snapshot(&site->repository);
	assert_refreshes(site);
	assert_versions(site, 1, 3, 3, 1);
}

TEST_CASE(test_damaged_local_files_count_as_absent)
{
	static const char *const names[] = {"timestamp.json", "snapshot.json", "targets.json"};
	static const char *const damages[] = {"", "{", "[]", "{\"signed\":{},\"signatures\":[]}", "\xff\xfe"};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		for (size_t j = 0; j < ARRAY_SIZE(damages); j++) {
			assert_refreshes(site);
			folder_put(&site->metadata, names[i], damages[j], strlen(damages[j]));
			assert_refreshes(site);
			assert_versions(site, 1, 1, 1, 1);
		}
}

TEST_CASE(test_only_trusted_metadata_lies_in_the_folder)
{
	struct tuf_site *site = *state;
	AUTO(free) char *former = NULL;
	AUTO(free) char *now = NULL;

	assert_refreshes(site);
	former = folder_get(&site->metadata, "snapshot.json", NULL);
	tuf_repository_snapshot(&site->repository);
	tuf_repository_put(&site->repository, "metadata/2.snapshot.json", "{\"signed\":{}}", 13);
	assert_refresh_refused(site, "malformed metadata: snapshot");
	now = folder_get(&site->metadata, "snapshot.json", NULL);
	assert_string_equal(former, now);
}

/* Each look at the clock finds it five minutes on. */
static int64_t slow_ms(const struct clock *clock)
{
	int64_t *now_ms = clock->context;

	return *now_ms += 300000;
}

TEST_CASE(test_an_update_that_takes_too_long_ends_and_keeps_what_came)
{
	struct tuf_site *site = *state;
	int64_t now_ms = 0;
	struct clock slow = {.monotonic_ms = slow_ms, .context = &now_ms};

	site->env.clock = &slow;
	assert_int_equal(tuf_site_refresh(site), -1);
	assert_error(&site->err, ERROR_NETWORK, "did not come within 15 minutes");
	assert_requests(site, "metadata/2.root.json metadata/timestamp.json ");
	assert_versions(site, 1, 1, 0, 0);
	site->env.clock = NULL;
	assert_refreshes(site);
}

TESTS(tuf_site_setup, tuf_site_teardown)
