/* A thief who holds root keys: what the threshold of two of three is worth, and what is left once it is reached. */
#include "tests/support/tuf_site_test.h"

#include <string.h>

/* Vendor "vendor" signs v/app, which holds "good"; root 2 needs two of three keys, and the terminal trusts it. */
static int set_up(void **state)
{
	struct tuf_repository *repository;

	if (tuf_site_setup(state) < 0)
		return -1;
	repository = &((struct tuf_site *)*state)->repository;
	tuf_repository_delegate(repository, "targets", "vendor", "v/*", true);
	tuf_repository_add_target(repository, "vendor", "v/app", "good");
	tuf_repository_publish(repository, "vendor");
	tuf_repository_bump_targets(repository);
	(void)tuf_repository_add_key(repository, "root", "root");
	(void)tuf_repository_add_key(repository, "root", "root");
	tuf_repository_set_threshold(repository, "root", "root", 2);
	tuf_repository_bump(repository, "root");
	assert_refreshes((struct tuf_site *)*state);
	return 0;
}

/* ---- Two parties, one repository ---- */

/* What the owner has: documents, files and who signs them. */
struct owner {
	json_t *bodies, *files, *signers;
};

static void owner_clear(struct owner *owner)
{
	json_decref(owner->bodies);
	json_decref(owner->files);
	json_decref(owner->signers);
}
DEFINE_AUTO(owner, struct owner, owner_clear);

static void owner_keeps(struct owner *owner, const struct tuf_repository *repository)
{
	owner->bodies = json_deep_copy(repository->bodies);
	owner->files = json_deep_copy(repository->files);
	owner->signers = json_deep_copy(repository->signers);
}

static void put_back(json_t *place, const json_t *kept)
{
	AUTO(json) json_t *copy = json_deep_copy(kept);

	json_object_clear(place);
	json_object_update(place, copy);
}

/* The server is the owner's again. The thief's roots stay, as terminals walk the chain over them. */
static void owner_is_back(const struct owner *owner, struct tuf_repository *repository)
{
	json_object_update(repository->files, owner->files);
	put_back(repository->bodies, owner->bodies);
	put_back(repository->signers, owner->signers);
}

/* Who signs root from now on: the first COUNT of the keys that did, beside whoever is appointed. */
static void sign_root_with(struct tuf_repository *repository, const struct owner *owner, size_t count)
{
	json_t *keys = json_object_get(owner->signers, "root");

	for (size_t i = 0; i < count; i++)
		json_array_append(json_object_get(repository->signers, "root"), json_array_get(keys, i));
}

static void replace_all_but_root(struct tuf_repository *repository)
{
	static const char *const roles[] = {"timestamp", "snapshot", "targets"};

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		tuf_repository_rotate(repository, "root", roles[i]);
	tuf_repository_rotate(repository, "targets", "vendor");
}

/* "evil" under keys that root appoints, with versions far ahead. */
static void publish_evil(struct tuf_repository *repository)
{
	tuf_repository_add_target(repository, "vendor", "v/app", "evil");
	tuf_repository_set_version(repository, "vendor", 70);
	tuf_repository_publish(repository, "vendor");
	tuf_repository_set_version(repository, "targets", 80);
	tuf_repository_publish(repository, "targets");
	tuf_repository_set_version(repository, "snapshot", 90);
	tuf_repository_set_version(repository, "timestamp", 100);
	tuf_repository_snapshot(repository);
}

/* A thief with COUNT of root's keys, and none that root gained, replaces everybody's keys and publishes. */
static void thief_publishes_with(struct tuf_repository *repository, const struct owner *owner, size_t count)
{
	json_array_clear(json_object_get(repository->signers, "root"));
	sign_root_with(repository, owner, count);
	replace_all_but_root(repository);
	tuf_repository_bump(repository, "root");
	publish_evil(repository);
}

/* The owner's next root: new keys for all roles, signed with the keys that he has. */
static void owner_rotates(const struct owner *owner, struct tuf_repository *repository, int64_t root_version)
{
	tuf_repository_rotate(repository, "root", "root");
	(void)tuf_repository_add_key(repository, "root", "root");
	sign_root_with(repository, owner, 3);
	replace_all_but_root(repository);
	tuf_repository_set_version(repository, "root", root_version);
	tuf_repository_publish(repository, "root");
	tuf_repository_bump(repository, "vendor");
	tuf_repository_bump_targets(repository);
}

static void assert_brings(struct tuf_site *site, const char *expected)
{
	AUTO(free) char *stored = NULL;

	assert_ok(tuf_site_download_one(site, "v/app"), &site->err);
	assert_non_null(stored = tuf_site_target(site, "v%2Fapp"));
	assert_string_equal(stored, expected);
}

/* ---- One key ---- */

TEST_CASE(test_one_stolen_root_key_replaces_nobodys_keys)
{
	struct tuf_site *site = *state;
	struct tuf_repository *repository = &site->repository;
	AUTO(owner) struct owner owner = {0};

	owner_keeps(&owner, repository);
	thief_publishes_with(repository, &owner, 1);
	assert_refresh_refused(site, "wrong key: root 3 is signed by 1 of the 2 keys that the trusted root asks for");
	assert_int_equal(tuf_site_version(site, "root"), 2);
	json_object_del(repository->files, "metadata/3.root.json");
	owner_is_back(&owner, repository);
	assert_brings(site, "good");
}

/* ---- Two keys, which is what root asks for ---- */

/* Leaves the repository to the thief, and the terminal with his root 3, which none but he can follow. */
static void steal_root(struct tuf_site *site, struct owner *owner)
{
	struct tuf_repository *repository = &site->repository;

	owner_keeps(owner, repository);
	tuf_repository_set_threshold(repository, "root", "root", 1);
	tuf_repository_rotate(repository, "root", "root");
	sign_root_with(repository, owner, 2);
	replace_all_but_root(repository);
	tuf_repository_bump(repository, "root");
	publish_evil(repository);
	assert_refreshes(site);
	assert_int_equal(tuf_site_version(site, "root"), 3);
}

TEST_CASE(test_two_stolen_root_keys_replace_all_trust)
{
	struct tuf_site *site = *state;
	AUTO(owner) struct owner owner = {0};

	steal_root(site, &owner);
	assert_versions(site, 3, 101, 91, 80);
	assert_brings(site, "evil");
}

TEST_CASE(test_a_root_that_a_thief_gave_keys_of_his_own_is_not_taken_back_over_the_network)
{
	struct tuf_site *site = *state;
	AUTO(owner) struct owner owner = {0};

	steal_root(site, &owner);
	owner_is_back(&owner, &site->repository);
	owner_rotates(&owner, &site->repository, 4);
	assert_refresh_refused(site, "wrong key: root 4 is signed by 0 of the 1 keys that the trusted root asks for");
	assert_int_equal(tuf_site_version(site, "root"), 3);
}

/* An older version than the thief's will do: what is put in place by hand is trusted as it is. */
TEST_CASE(test_a_root_put_in_place_by_hand_ends_what_two_stolen_keys_began)
{
	struct tuf_site *site = *state;
	AUTO(owner) struct owner owner = {0};
	AUTO(free) char *root = NULL;
	size_t len;

	steal_root(site, &owner);
	owner_is_back(&owner, &site->repository);
	owner_rotates(&owner, &site->repository, 3);
	root = tuf_repository_bytes(&site->repository, "metadata/3.root.json", &len);
	assert_ok(tuf_client_init(&site->fs, site->metadata.fd, root, len, &site->err), &site->err);
	assert_brings(site, "good");
}

/* Stolen keys are copies: as long as the thief has left root its keys, the owner's next root takes all back, versions
 * that were driven up included. */
TEST_CASE(test_the_owners_next_root_takes_back_what_left_root_its_keys)
{
	struct tuf_site *site = *state;
	struct tuf_repository *repository = &site->repository;
	AUTO(owner) struct owner owner = {0};

	owner_keeps(&owner, repository);
	thief_publishes_with(repository, &owner, 2);
	assert_brings(site, "evil");
	owner_is_back(&owner, repository);
	owner_rotates(&owner, repository, 4);
	assert_brings(site, "good");
	assert_int_equal(tuf_site_version(site, "root"), 4);
}

TEST_CASE(test_stolen_root_keys_are_of_no_use_once_the_owner_has_rotated_them)
{
	struct tuf_site *site = *state;
	struct tuf_repository *repository = &site->repository;
	AUTO(owner) struct owner owner = {0};

	owner_keeps(&owner, repository);
	owner_rotates(&owner, repository, 3);
	assert_refreshes(site);
	thief_publishes_with(repository, &owner, 3);
	assert_refresh_refused(site, "wrong key: root 4 is signed by 0 of the 2 keys that the trusted root asks for");
	assert_int_equal(tuf_site_version(site, "root"), 3);
}

TESTS(set_up, tuf_site_teardown)
