/* A thief who holds the server's disk and one key: what each single key is worth. */
#include "tests/support/tuf_site_test.h"

#include <string.h>

/* Vendor "vendor" signs v/app, which holds "good"; root needs two of three keys. */
static int set_up(void **state)
{
	struct tuf_repository *repository;

	if (tuf_site_setup(state) < 0)
		return -1;
	repository = &((struct tuf_site *)*state)->repository;
	repository->list_contents = true;
	tuf_repository_delegate(repository, "targets", "vendor", "v/*", true);
	tuf_repository_add_target(repository, "vendor", "v/app", "good");
	tuf_repository_publish(repository, "vendor");
	tuf_repository_bump_targets(repository);
	return 0;
}

/* A terminal that has trusted metadata, and one that has none but the root, refuse; both take the good target once the
 * repository is as it was. */
static void assert_worth_nothing(struct tuf_site *site, const json_t *files_before, const char *why)
{
	struct tuf_repository *repository = &site->repository;
	static const char *const learned[] = {"timestamp.json", "snapshot.json", "targets.json", "vendor.json"};
	AUTO(json) json_t *spoilt = json_deep_copy(repository->files);

	for (int fresh = 0; fresh < 2; fresh++) {
		AUTO(free) char *stored = NULL;

		json_object_update(repository->files, spoilt);
		assert_int_equal(tuf_site_download_one(site, "v/app"), -1);
		assert_error(&site->err, ERROR_REFUSED, why);
		assert_null(stored = tuf_site_target(site, "v%2Fapp"));
		json_object_update(repository->files, (json_t *)files_before);
		for (size_t i = 0; i < ARRAY_SIZE(learned); i++)
			assert_ok(fs_remove(&site->fs, site->metadata.fd, learned[i], &site->err), &site->err);
	}
	assert_ok(tuf_site_download_one(site, "v/app"), &site->err);
}

TEST_CASE(test_a_vendors_key_alone_is_worth_nothing)
{
	struct tuf_site *site = *state;
	AUTO(json) json_t *before = json_deep_copy(site->repository.files);

	assert_refreshes(site);
	tuf_repository_add_target(&site->repository, "vendor", "v/app", "evil");
	tuf_repository_publish(&site->repository, "vendor");
	assert_worth_nothing(site, before, "mix-and-match attack: vendor 1");
}

TEST_CASE(test_the_targets_key_alone_is_worth_nothing)
{
	struct tuf_site *site = *state;
	AUTO(json) json_t *before = json_deep_copy(site->repository.files);

	json_object_clear(json_object_get(tuf_repository_member(&site->repository, "targets", "delegations"),
		"keys")); /* so that it is no longer than before */
	tuf_repository_rotate(&site->repository, "targets", "vendor");
	tuf_repository_publish(&site->repository, "targets");
	tuf_repository_add_target(&site->repository, "vendor", "v/app", "evil");
	tuf_repository_publish(&site->repository, "vendor");
	/* Where targets is there already, it is vendor that does not match. */
	assert_worth_nothing(site, before, "mix-and-match attack");
}

TEST_CASE(test_the_snapshot_key_alone_is_worth_nothing)
{
	struct tuf_site *site = *state;
	AUTO(json) json_t *before = json_deep_copy(site->repository.files);

	json_object_del(tuf_repository_member(&site->repository, "snapshot", "meta"), "vendor.json");
	tuf_repository_publish(&site->repository, "snapshot");
	assert_worth_nothing(site, before, "mix-and-match attack: snapshot 2");
}

/* The timestamp's key can go on saying what was true, as long as snapshot says so too; nothing else, and nothing older. */
TEST_CASE(test_the_timestamp_key_prolongs_a_state_until_its_snapshot_expires)
{
	struct tuf_site *site = *state;

	tuf_repository_set_expires(&site->repository, "snapshot", "2026-02-01T00:00:00Z");
	tuf_repository_snapshot(&site->repository);
	assert_refreshes(site);
	tuf_repository_set_expires(&site->repository, "timestamp", "2099-01-01T00:00:00Z");
	tuf_repository_timestamp(&site->repository);
	assert_refreshes(site);
	site->now_s += INT64_C(40) * 86400;
	assert_refresh_expired(site, "snapshot 3");
}

TEST_CASE(test_the_timestamp_key_brings_nothing_older_back)
{
	struct tuf_site *site = *state;
	AUTO(json) json_t *old = json_deep_copy(tuf_repository_member(&site->repository, "timestamp", "meta"));

	tuf_repository_snapshot(&site->repository);
	assert_refreshes(site);
	json_object_set(tuf_repository_body(&site->repository, "timestamp"), "meta", old);
	tuf_repository_bump(&site->repository, "timestamp");
	assert_refresh_refused(site, "rollback attack: timestamp 4 lists snapshot.json 2, the trusted one 3");
}

TEST_CASE(test_one_root_key_of_three_is_worth_nothing)
{
	struct tuf_site *site = *state;
	struct tuf_repository *repository = &site->repository;
	json_t *signers;

	(void)tuf_repository_add_key(repository, "root", "root");
	(void)tuf_repository_add_key(repository, "root", "root");
	tuf_repository_set_threshold(repository, "root", "root", 2);
	tuf_repository_bump(repository, "root");
	assert_refreshes(site);
	signers = json_object_get(repository->signers, "root");
	while (json_array_size(signers) > 1)
		json_array_remove(signers, 0);
	tuf_repository_set_threshold(repository, "root", "root", 1);
	tuf_repository_rotate(repository, "root", "targets");
	tuf_repository_bump(repository, "root");
	assert_refresh_refused(site, "wrong key: root 3 is signed by 1 of the 2 keys that the trusted root asks for");
	assert_int_equal(tuf_site_version(site, "root"), 2);
}

TESTS(set_up, tuf_site_teardown)
