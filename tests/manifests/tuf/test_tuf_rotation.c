/* TUF 5.3.11 from the other side: a root that lists other keys is no way back for what these keys signed before.
 * Nobody in these tests has stolen a key; somebody kept what the server once sent, and serves it again. */
#include "manifests/keys/key.h"
#include "tests/support/tuf_cut.h"
#include "tests/support/tuf_site_test.h"

/* Root 2 appoints two keys for timestamp and snapshot each, of which both have signed "old", and the first alone what
 * came after. */
struct replay {
	struct tuf_site site;
	json_t *old;			/* all metadata but roots, as it was served with "old" */
	const char *role, *path, *file; /* who signs the target, its name, and that of its file */
	int64_t version;		/* of that role, with what came after */
};

/* Leaves one key of two to sign with. */
static void sign_with_the_first_only(struct tuf_site *site, const char *role)
{
	assert_int_equal(json_array_remove(json_object_get(site->repository.signers, role), 1), 0);
}

static json_t *without_roots(const json_t *files)
{
	json_t *copy = json_deep_copy(files);
	const char *name;
	json_t *file;
	void *next;

	json_object_foreach_safe(copy, next, name, file) if (strstr(name, "root.json")) json_object_del(copy, name);
	return copy;
}

static void say(struct replay *replay, const char *text)
{
	struct tuf_repository *repository = &replay->site.repository;

	tuf_repository_add_target(repository, replay->role, replay->path, text);
	tuf_repository_bump(repository, replay->role);
	tuf_repository_snapshot(repository);
}

static int begin(void **state, const struct replay *kind)
{
	struct replay *replay = calloc(1, sizeof(*replay));
	struct tuf_site *site = &replay->site;

	*replay = *kind;
	tuf_site_init(site);
	(void)tuf_repository_add_key(&site->repository, "root", "timestamp");
	(void)tuf_repository_add_key(&site->repository, "root", "snapshot");
	tuf_repository_bump(&site->repository, "root");
	if (strcmp(replay->role, "targets") != 0) {
		tuf_repository_delegate(&site->repository, "targets", replay->role, "v/*", true);
		tuf_repository_bump_targets(&site->repository);
	}
	say(replay, "old");
	replay->old = without_roots(site->repository.files);
	sign_with_the_first_only(site, "timestamp");
	sign_with_the_first_only(site, "snapshot");
	say(replay, "new");
	assert_ok(tuf_site_download_one(site, replay->path), &site->err);
	replay->version = tuf_site_version(site, replay->role);
	*state = replay;
	return 0;
}

static const struct replay kinds[] = {
	{.role = "targets", .path = "app", .file = "app"},
	/* All that stands above it is as it was. */
	{.role = "vendor", .path = "v/app", .file = "v%2Fapp"},
};

static int set_up(void **state)
{
	return begin(state, &kinds[0]);
}

static int tear_down(void **state)
{
	struct replay *replay = *state;

	tuf_site_clear(&replay->site);
	json_decref(replay->old);
	free(replay);
	return 0;
}

static json_t *key_ids_of(struct tuf_site *site, const char *role)
{
	return json_object_get(tuf_repository_appointment(&site->repository, "root", role), "keyids");
}

/* Appoints a key that has signed nothing. */
static void grow(struct tuf_site *site, const char *role)
{
	json_t *signers = json_object_get(site->repository.signers, role);

	(void)tuf_repository_add_key(&site->repository, "root", role);
	assert_int_equal(json_array_remove(signers, json_array_size(signers) - 1), 0);
}

static void replace_the_second(struct tuf_site *site, const char *role)
{
	assert_int_equal(json_array_remove(key_ids_of(site, role), 1), 0);
	grow(site, role);
}

static void drop_the_second(struct tuf_site *site, const char *role)
{
	assert_int_equal(json_array_remove(key_ids_of(site, role), 1), 0);
}

static void turn_round(struct tuf_site *site, const char *role)
{
	json_t *key_ids = key_ids_of(site, role);

	json_array_append(key_ids, json_array_get(key_ids, 0));
	assert_int_equal(json_array_remove(key_ids, 0), 0);
}

/* The key that signed what is trusted goes; the other, which signed "old", stays. */
static void replace_the_first(struct tuf_site *site, const char *role)
{
	assert_int_equal(json_array_remove(key_ids_of(site, role), 0), 0);
	grow(site, role);
}

/* What is trusted carries one signature; "old" carries both. */
static void ask_for_both(struct tuf_site *site, const char *role)
{
	tuf_repository_set_threshold(&site->repository, "root", role, 2);
}

/* The same key with a note: another id. */
static void respell_the_first(struct tuf_site *site, const char *role)
{
	json_t *keys = tuf_repository_member(&site->repository, "root", "keys");
	const char *id = json_string_value(json_array_get(key_ids_of(site, role), 0));
	AUTO(json) json_t *twin = json_deep_copy(json_object_get(keys, id));
	char twin_id[KEY_ID_SIZE];

	json_object_set_new(twin, "x-note", json_string("twin"));
	assert_ok(key_id_of(twin, twin_id, &site->err), &site->err);
	json_object_set(keys, twin_id, twin);
	json_array_set_new(key_ids_of(site, role), 0, json_string(twin_id));
}

static void replace_the_first_for_one_root(struct tuf_site *site, const char *role)
{
	json_t *key_ids = key_ids_of(site, role);
	AUTO(json) json_t *before = json_deep_copy(key_ids);

	replace_the_first(site, role);
	tuf_repository_bump(&site->repository, "root");
	json_array_clear(key_ids);
	json_array_extend(key_ids, before);
}

static void ask_for_both_for_one_root(struct tuf_site *site, const char *role)
{
	ask_for_both(site, role);
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_set_threshold(&site->repository, "root", role, 1);
}

static void grow_with_each_of_five_roots(struct tuf_site *site, const char *role)
{
	for (int i = 0; i < 5; i++) {
		grow(site, role);
		tuf_repository_bump(&site->repository, "root");
	}
}

static const struct change {
	const char *name;
	void (*make)(struct tuf_site *site, const char *role);
} changes[] = {
	{"grow", grow},
	{"replace the second", replace_the_second},
	{"drop the second", drop_the_second},
	{"turn round", turn_round},
	{"replace the first", replace_the_first},
	{"ask for both", ask_for_both},
	{"respell the first", respell_the_first},
};

/* Over several roots, which a terminal meets in one run. */
static const struct change chains[] = {
	{"replace the first for one root", replace_the_first_for_one_root},
	{"ask for both for one root", ask_for_both_for_one_root},
	{"grow with each of five roots", grow_with_each_of_five_roots},
};

static const char *const changed_roles[][2] = {{"timestamp", NULL}, {"snapshot", NULL}, {"timestamp", "snapshot"}};

static void serve_old_under_a_root(struct replay *replay, const struct change *change, const char *const roles[2])
{
	struct tuf_repository *repository = &replay->site.repository;

	for (int i = 0; i < 2 && roles[i]; i++)
		change->make(&replay->site, roles[i]);
	tuf_repository_bump(repository, "root");
	json_object_update(repository->files, replay->old);
}

/* The target is what it was, and nothing trusted went back to "old". */
static void assert_still_new(struct replay *replay, const struct change *change, const char *role)
{
	AUTO(free) char *stored = tuf_site_target(&replay->site, replay->file);

	if (!stored || strcmp(stored, "new") != 0 || tuf_site_version(&replay->site, replay->role) != replay->version)
		fail_msg("%s of %s: %s went back to '%s'", change->name, role, replay->path,
			stored ? stored : "nothing");
}

static void assert_old_is_refused(const struct replay *kind, const struct change *change, const char *const roles[2])
{
	void *state = NULL;
	struct replay *replay;

	(void)begin(&state, kind);
	replay = state;
	serve_old_under_a_root(replay, change, roles);
	for (int run = 0; run < 2; run++) {
		if (tuf_site_download_one(&replay->site, kind->path) == 0)
			fail_msg("%s of %s: %s was taken", change->name, roles[0], kind->path);
		assert_int_equal(replay->site.err.code, ERROR_REFUSED);
		assert_non_null(strstr(replay->site.err.text, " attack: "));
		assert_still_new(replay, change, roles[0]);
	}
	(void)tear_down(&state);
}

TEST_CASE_WITH(test_a_root_that_changes_keys_brings_nothing_back_that_was_replaced, NULL, NULL)
{
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		for (size_t j = 0; j < ARRAY_SIZE(changed_roles); j++)
			assert_old_is_refused(&kinds[0], &changes[i], changed_roles[j]);
}

/* What a delegated role signed, while all above it stays as it is. */
TEST_CASE_WITH(test_a_root_that_changes_keys_brings_no_delegated_role_back, NULL, NULL)
{
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		assert_old_is_refused(&kinds[1], &changes[i], changed_roles[2]);
}

TEST_CASE_WITH(test_a_chain_of_roots_brings_nothing_back_that_was_replaced, NULL, NULL)
{
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (size_t i = 0; i < ARRAY_SIZE(chains); i++)
			assert_old_is_refused(&kinds[k], &chains[i], changed_roles[2]);
}

/* An id stands beside a signature and is no part of what was signed: whoever serves it again may write another. */
static void relabel(struct tuf_site *site, const char *name, const json_t *id)
{
	size_t len;
	AUTO(free) char *bytes = tuf_repository_bytes(&site->repository, name, &len);
	AUTO(json) json_t *document = json_loadb(bytes, len, 0, NULL);

	assert_non_null(document);
	json_object_set(json_array_get(json_object_get(document, "signatures"), 0), "keyid", (json_t *)id);
	tuf_repository_put_json(&site->repository, name, document);
}

TEST_CASE(test_all_keys_under_other_ids_bring_nothing_back)
{
	static const char *const roles[] = {"timestamp", "snapshot", "targets"};
	struct replay *replay = *state;
	struct tuf_site *site = &replay->site;

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		respell_the_first(site, roles[i]);
	serve_old_under_a_root(replay, NULL, (const char *const[2]){NULL});
	relabel(site, "metadata/2.targets.json", json_array_get(key_ids_of(site, "targets"), 0));
	assert_refresh_refused(site, "rollback attack: timestamp 2 is older than the trusted 3");
	assert_versions(site, 3, 3, 3, 3);
	/* Nor where what listed them is lost. */
	assert_ok(fs_remove(&site->fs, site->metadata.fd, "timestamp.json", &site->err), &site->err);
	assert_ok(fs_remove(&site->fs, site->metadata.fd, "snapshot.json", &site->err), &site->err);
	assert_refresh_refused(site, "rollback attack: targets 2 is older than the trusted 3");
}

TEST_CASE(test_what_new_keys_still_vouch_for_is_kept)
{
	struct replay *replay = *state;
	struct tuf_site *site = &replay->site;

	serve_old_under_a_root(replay, &changes[0], changed_roles[2]);
	assert_refresh_refused(site, "rollback attack: timestamp 2 is older than the trusted 3");
	assert_versions(site, 3, 3, 3, 3);
}

TEST_CASE(test_a_timestamp_that_new_keys_vouch_for_is_kept_where_the_snapshot_is_not)
{
	struct replay *replay = *state;
	struct tuf_site *site = &replay->site;

	replace_the_first(site, "snapshot");
	tuf_repository_bump(&site->repository, "root");
	json_object_update(site->repository.files, replay->old);
	assert_refresh_refused(site, "rollback attack: timestamp 2 is older than the trusted 3");
	assert_versions(site, 3, 3, 0, 3);
}

TEST_CASE(test_a_snapshot_that_new_keys_vouch_for_is_kept_where_the_timestamp_is_not)
{
	struct replay *replay = *state;
	struct tuf_site *site = &replay->site;

	replace_the_first(site, "timestamp");
	tuf_repository_bump(&site->repository, "root");
	json_object_update(site->repository.files, replay->old);
	assert_refresh_refused(site, "rollback attack: timestamp 2 lists snapshot 2, the trusted one is 3");
	assert_versions(site, 3, 0, 3, 3);
}

/* The stolen key of two pushed its role ahead; it is replaced, and the role goes on from where it was. */
static void recovers_from(struct tuf_site *site, const char *role)
{
	int64_t version = tuf_repository_version(&site->repository, role);

	tuf_repository_set_version(&site->repository, role, 900);
	if (strcmp(role, "snapshot") == 0)
		tuf_repository_snapshot(&site->repository);
	else
		tuf_repository_timestamp(&site->repository);
	assert_refreshes(site);
	assert_int_equal(tuf_site_version(site, role), 901);
	assert_int_equal(json_array_remove(key_ids_of(site, role), 0), 0);
	assert_int_equal(json_array_clear(json_object_get(site->repository.signers, role)), 0);
	(void)tuf_repository_add_key(&site->repository, "root", role);
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_set_version(&site->repository, role, version);
	tuf_repository_snapshot(&site->repository);
}

TEST_CASE_WITH(test_recovers_where_one_stolen_key_of_two_is_replaced, NULL, NULL)
{
	static const char *const roles[] = {"timestamp", "snapshot"};

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		void *own = NULL;
		struct tuf_site *site;

		(void)set_up(&own);
		site = &((struct replay *)own)->site;
		recovers_from(site, roles[i]);
		assert_refreshes(site);
		assert_refreshes(site);
		assert_int_equal(tuf_site_version(site, roles[i]), 4);
		(void)tear_down(&own);
	}
}

/* Signed ahead by the key that comes next, as a careful publisher does. */
TEST_CASE(test_keys_that_change_while_both_sign_bring_nothing_back)
{
	struct replay *replay = *state;
	struct tuf_site *site = &replay->site;
	json_t *signers = json_object_get(site->repository.signers, "timestamp");
	const char *next = tuf_repository_add_key(&site->repository, "root", "timestamp");

	tuf_repository_timestamp(&site->repository);
	json_object_del(replay->old, "metadata/timestamp.json");
	json_object_update_missing(replay->old, site->repository.files);
	tuf_repository_timestamp(&site->repository);
	assert_refreshes(site);
	json_array_clear(key_ids_of(site, "timestamp"));
	json_array_append_new(key_ids_of(site, "timestamp"), json_string(next));
	assert_int_equal(json_array_remove(signers, 0), 0);
	tuf_repository_bump(&site->repository, "root");
	json_object_set(site->repository.files, "metadata/timestamp.json",
		json_object_get(replay->old, "metadata/timestamp.json"));
	assert_refresh_refused(site, "rollback attack: timestamp 4 is older than the trusted 5");
}

TEST_CASE_WITH(test_a_cut_anywhere_brings_nothing_back, NULL, NULL)
{
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		bool fired = true;

		for (uint64_t n = 1; fired; n++) {
			void *own = NULL;
			struct replay *replay;

			(void)set_up(&own);
			replay = own;
			serve_old_under_a_root(replay, &changes[i], changed_roles[2]);
			fired = tuf_cut_download(&replay->site, n, "app");
			assert_still_new(replay, &changes[i], "both");
			assert_int_equal(tuf_site_download_one(&replay->site, "app"), -1);
			assert_still_new(replay, &changes[i], "both");
			(void)tear_down(&own);
		}
	}
}

TEST_CASE(test_a_damaged_note_of_keys_brings_nothing_back)
{
	struct replay *replay = *state;

	folder_put(&replay->site.metadata, "online-keys", "?", 1);
	serve_old_under_a_root(replay, &changes[0], changed_roles[2]);
	assert_refresh_refused(&replay->site, "rollback attack: timestamp 2 is older than the trusted 3");
}

TESTS(set_up, tear_down)
