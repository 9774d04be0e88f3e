/* TUF 5.3.11: a repository that was fast-forwarded begins again under new keys. */
#include "tests/support/tuf_site_test.h"

/* The repository starts over at version 1 after a fast-forward attack on its online roles. */
static void begin_again_under_new_keys(struct tuf_site *site, const char *rotated)
{
	tuf_repository_set_version(&site->repository, "snapshot", 90000);
	tuf_repository_set_version(&site->repository, "timestamp", 80000);
	tuf_repository_set_version(&site->repository, "targets", 70000);
	tuf_repository_publish(&site->repository, "targets");
	tuf_repository_snapshot(&site->repository);
	assert_refreshes(site);
	assert_versions(site, 1, 80001, 90001, 70000);
	tuf_repository_rotate(&site->repository, "root", rotated);
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_set_version(&site->repository, "snapshot", 1);
	tuf_repository_set_version(&site->repository, "timestamp", 1);
	tuf_repository_set_version(&site->repository, "targets", 1);
	tuf_repository_publish(&site->repository, "targets");
	tuf_repository_snapshot(&site->repository);
}

TEST_CASE(test_new_timestamp_keys_recover_from_a_fast_forward_attack)
{
	struct tuf_site *site = *state;

	begin_again_under_new_keys(site, "timestamp");
	assert_refreshes(site);
	assert_versions(site, 2, 2, 2, 1);
}

TEST_CASE(test_new_snapshot_keys_recover_from_a_fast_forward_attack)
{
	struct tuf_site *site = *state;

	begin_again_under_new_keys(site, "snapshot");
	assert_refreshes(site);
	assert_versions(site, 2, 2, 2, 1);
}

TEST_CASE(test_new_targets_keys_alone_do_not_excuse_a_rollback)
{
	struct tuf_site *site = *state;

	begin_again_under_new_keys(site, "targets");
	assert_refresh_refused(site, "rollback attack: timestamp 2 is older than the trusted 80001");
	assert_versions(site, 2, 80001, 90001, 70000);
}

TEST_CASE(test_recovery_waits_for_a_root_that_is_not_expired)
{
	struct tuf_site *site = *state;

	tuf_repository_set_expires(&site->repository, "root", "2020-01-01T00:00:00Z");
	begin_again_under_new_keys(site, "timestamp");
	assert_refresh_expired(site, "root 2");
	assert_versions(site, 2, 80001, 90001, 70000);
	/* The next root does not change those keys, but recovery is still due. */
	tuf_repository_set_expires(&site->repository, "root", TUF_EXPIRES);
	tuf_repository_bump(&site->repository, "root");
	assert_refreshes(site);
	assert_versions(site, 3, 2, 2, 1);
}

TEST_CASE_WITH(test_recovers_though_the_process_died_before_it_deleted_anything, NULL, NULL)
{
	static const char *const rotated[] = {"timestamp", "snapshot"};

	for (size_t i = 0; i < ARRAY_SIZE(rotated); i++) {
		AUTO(free) char *root = NULL;
		struct tuf_site site;
		size_t len;

		tuf_site_init(&site);
		begin_again_under_new_keys(&site, rotated[i]);
		root = tuf_repository_bytes(&site.repository, "metadata/2.root.json", &len);
		folder_put(&site.metadata, "root.json", root, len);
		assert_refreshes(&site);
		assert_versions(&site, 2, 2, 2, 1);
		tuf_site_clear(&site);
	}
}

TEST_CASE(test_recovers_in_a_folder_that_another_client_filled)
{
	struct tuf_site *site = *state;

	begin_again_under_new_keys(site, "snapshot");
	assert_ok(fs_remove(&site->fs, site->metadata.fd, "online-keys", &site->err), &site->err);
	assert_refreshes(site);
	assert_versions(site, 2, 2, 2, 1);
}

TEST_CASE(test_keys_that_change_and_change_back_still_recover)
{
	struct tuf_site *site = *state;
	json_t *appointment = tuf_repository_appointment(&site->repository, "root", "timestamp");
	AUTO(json) json_t *key_ids = json_deep_copy(json_object_get(appointment, "keyids"));

	begin_again_under_new_keys(site, "timestamp");
	json_object_set(appointment, "keyids", key_ids);
	json_object_set(site->repository.signers, "timestamp", key_ids);
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_publish(&site->repository, "timestamp");
	assert_refreshes(site);
	assert_versions(site, 3, 2, 2, 1);
}

TEST_CASE(test_after_recovery_rollback_is_refused_again)
{
	struct tuf_site *site = *state;

	begin_again_under_new_keys(site, "timestamp");
	tuf_repository_bump_targets(&site->repository);
	assert_refreshes(site);
	assert_int_equal(tuf_site_version(site, "targets"), 2);
	assert_ok(fs_remove(&site->fs, site->metadata.fd, "snapshot.json", &site->err), &site->err);
	tuf_repository_set_version(&site->repository, "targets", 1);
	tuf_repository_publish(&site->repository, "targets");
	tuf_repository_snapshot(&site->repository);
	assert_refresh_refused(site, "rollback attack: targets 1 is older than the trusted 2");
}

TESTS(tuf_site_setup, tuf_site_teardown)
