/* Repositories that are odd but well-formed, and changes of mind that a client must follow. */
#include "tests/support/tuf_site_test.h"

#include <stdio.h>
#include <string.h>

#include "manifests/tuf/tuf_path.h"

static void assert_downloads(struct tuf_site *site, const char *path)
{
	if (tuf_site_download_one(site, path) < 0)
		fail_msg("'%s': %s", path, site->err.text);
}

static void assert_not_found(struct tuf_site *site, const char *path)
{
	assert_int_equal(tuf_site_download_one(site, path), -1);
	assert_error(&site->err, ERROR_NOT_FOUND, "no trusted role lists");
}

/* A role of this name with one target of its own. */
static void delegate_role(struct tuf_site *site, const char *role, const char *folder)
{
	char pattern[64], path[64];

	(void)snprintf(pattern, sizeof(pattern), "%s/*", folder);
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	tuf_repository_delegate(&site->repository, "targets", role, pattern, false);
	tuf_repository_add_target(&site->repository, role, path, folder);
	tuf_repository_publish(&site->repository, role);
}

static void assert_role_works(struct tuf_site *site, const char *role, const char *folder)
{
	AUTO(buf) struct buf name = BUF_INIT(TUF_PATH_MAX_BYTES);
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/file", folder);
	assert_downloads(site, path);
	assert_non_null(strstr(site->repository.requests, "metadata/1."));
	assert_ok(tuf_role_file_name(role, &name, &site->err), &site->err);
	assert_null(strchr(name.data, '/'));
	assert_true(fs_exists(&site->fs, site->metadata.fd, name.data));
	assert_downloads(site, path);
	assert_null(strstr(site->repository.requests, "metadata/1."));
}

TEST_CASE(test_roles_may_have_any_name)
{
	static const char *const names[] = {"?", ".", "..", "...", "../delegatedrole", "/", "/abs", "a/b", "a%2Fb",
		"a%252Fb", "A/B", " ", "a b", "#x", "\"q\\", "x:y", "-", "~", "*", "[a]", "root.json", "1.root",
		"Root", "lock", "online-keys", ".targets.json.tmp", "役割", "é", "e\xcc\x81", "\x01\x7f"};
	struct tuf_site *site = *state;
	char folder[16];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		(void)snprintf(folder, sizeof(folder), "f%zu", i);
		delegate_role(site, names[i], folder);
	}
	tuf_repository_bump_targets(&site->repository);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		(void)snprintf(folder, sizeof(folder), "f%zu", i);
		assert_role_works(site, names[i], folder);
	}
}

/* Up to 250 bytes the name fits in front of ".json"; beyond that, a digest stands for it. */
TEST_CASE(test_roles_may_have_names_of_any_length)
{
	static const size_t lengths[] = {244, 245, 246, 249, 250, 251, 255, 256, 1000, 4000};
	struct tuf_site *site = *state;
	char name[4001];
	char folder[16];

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		(void)snprintf(folder, sizeof(folder), "f%zu", i);
		memset(name, 'a', lengths[i]);
		name[lengths[i]] = '\0';
		delegate_role(site, name, folder);
	}
	tuf_repository_bump_targets(&site->repository);
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		(void)snprintf(folder, sizeof(folder), "f%zu", i);
		memset(name, 'a', lengths[i]);
		name[lengths[i]] = '\0';
		assert_role_works(site, name, folder);
	}
}

TEST_CASE(test_a_role_signed_anew_with_another_key_is_fetched_though_its_version_is_the_same)
{
	struct tuf_site *site = *state;

	delegate_role(site, "vendor", "v");
	tuf_repository_bump_targets(&site->repository);
	assert_downloads(site, "v/file");
	tuf_repository_rotate(&site->repository, "targets", "vendor");
	tuf_repository_publish(&site->repository, "vendor");
	tuf_repository_bump_targets(&site->repository);
	assert_downloads(site, "v/file");
	assert_non_null(strstr(site->repository.requests, "metadata/1.vendor.json"));
	assert_true(tuf_site_has_bytes(site, "vendor.json", "metadata/1.vendor.json"));
}

TEST_CASE(test_a_role_whose_key_was_replaced_is_of_no_use_until_it_signs_anew)
{
	struct tuf_site *site = *state;

	delegate_role(site, "vendor", "v");
	tuf_repository_bump_targets(&site->repository);
	assert_downloads(site, "v/file");
	tuf_repository_rotate(&site->repository, "targets", "vendor");
	tuf_repository_bump_targets(&site->repository);
	assert_int_equal(tuf_site_download_one(site, "v/file"), -1);
	assert_error(
		&site->err, ERROR_REFUSED, "wrong key: vendor 1 is signed by 0 of the 1 keys that targets asks for");
}

TEST_CASE(test_a_role_that_is_no_longer_delegated_to_vouches_for_nothing)
{
	struct tuf_site *site = *state;

	delegate_role(site, "vendor", "v");
	tuf_repository_bump_targets(&site->repository);
	assert_downloads(site, "v/file");
	json_object_del(tuf_repository_body(&site->repository, "targets"), "delegations");
	tuf_repository_bump_targets(&site->repository);
	assert_not_found(site, "v/file");
}

TEST_CASE(test_a_delegated_role_needs_as_many_different_keys_as_its_delegator_says)
{
	struct tuf_site *site = *state;
	const char *key_id;
	json_t *key_ids;

	delegate_role(site, "vendor", "v");
	tuf_repository_set_threshold(&site->repository, "targets", "vendor", 2);
	key_ids = json_object_get(tuf_repository_appointment(&site->repository, "targets", "vendor"), "keyids");
	key_id = json_string_value(json_array_get(key_ids, 0));
	json_array_append_new(key_ids, json_string(key_id));
	tuf_repository_bump_targets(&site->repository);
	assert_int_equal(tuf_site_download_one(site, "v/file"), -1);
	assert_error(&site->err, ERROR_REFUSED, "signed by 1 of the 2 keys");
	(void)tuf_repository_add_key(&site->repository, "targets", "vendor");
	tuf_repository_publish(&site->repository, "vendor");
	tuf_repository_bump_targets(&site->repository);
	assert_downloads(site, "v/file");
}

/* 5.3.11 looks at each role: what one signed so far, the other may not have vouched for. */
TEST_CASE(test_a_root_may_swap_the_keys_of_timestamp_and_snapshot)
{
	struct tuf_repository *repository = &((struct tuf_site *)*state)->repository;
	struct tuf_site *site = *state;
	json_t *roles = tuf_repository_member(repository, "root", "roles");
	AUTO(json) json_t *timestamp = json_deep_copy(json_object_get(roles, "timestamp"));
	AUTO(json) json_t *signers = json_deep_copy(json_object_get(repository->signers, "timestamp"));

	tuf_repository_set_version(repository, "timestamp", 900);
	tuf_repository_snapshot(repository);
	assert_refreshes(site);
	json_object_set(roles, "timestamp", json_object_get(roles, "snapshot"));
	json_object_set(roles, "snapshot", timestamp);
	json_object_set(repository->signers, "timestamp", json_object_get(repository->signers, "snapshot"));
	json_object_set(repository->signers, "snapshot", signers);
	tuf_repository_bump(repository, "root");
	tuf_repository_set_version(repository, "timestamp", 3);
	tuf_repository_snapshot(repository);
	assert_refreshes(site);
	assert_versions(site, 2, 4, 3, 1);
}

TEST_CASE(test_a_snapshot_may_be_made_anew_under_its_version)
{
	struct tuf_site *site = *state;

	site->repository.list_contents = true;
	tuf_repository_snapshot(&site->repository);
	assert_refreshes(site);
	json_object_set_new(tuf_repository_body(&site->repository, "snapshot"), "note", json_string("anew"));
	tuf_repository_publish(&site->repository, "snapshot");
	tuf_repository_timestamp(&site->repository);
	assert_refreshes(site);
	assert_true(tuf_site_has_bytes(site, "snapshot.json", "metadata/2.snapshot.json"));
}

TEST_CASE(test_custom_may_be_anything)
{
	static const char *const customs[] = {"{\"custom\":5}", "{\"custom\":null}", "{\"custom\":[1]}",
		"{\"custom\":\"x\"}", "{\"custom\":{\"haishin\":[]}}",
		"{\"custom\":{\"haishin\":{\"package\":1,\"version\":[],\"kind\":{}}}}"};
	struct tuf_site *site = *state;

	tuf_repository_add_target(&site->repository, "targets", "one", "text");
	for (size_t i = 0; i < ARRAY_SIZE(customs); i++) {
		AUTO(json) json_t *custom = json_loads(customs[i], 0, NULL);

		assert_int_equal(json_object_update(json_object_get(tuf_repository_member(
									    &site->repository, "targets", "targets"),
							    "one"),
					 custom),
			0);
		tuf_repository_bump_targets(&site->repository);
		assert_downloads(site, "one");
	}
}

TEST_CASE(test_signatures_are_hex_of_either_case_and_key_ids_are_not)
{
	struct tuf_site *site = *state;
	AUTO(json) json_t *document = NULL;
	json_t *signature;
	char *text;

	tuf_repository_bump(&site->repository, "timestamp");
	document = tuf_repository_document(&site->repository, "timestamp");
	signature = json_array_get(json_object_get(document, "signatures"), 0);
	for (text = (char *)json_string_value(json_object_get(signature, "sig")); *text; text++)
		*text = *text >= 'a' ? (char)(*text - 'a' + 'A') : *text;
	tuf_repository_put_json(&site->repository, "metadata/timestamp.json", document);
	assert_refreshes(site);
	for (text = (char *)json_string_value(json_object_get(signature, "keyid")); *text; text++)
		*text = *text >= 'a' ? (char)(*text - 'a' + 'A') : *text;
	tuf_repository_put_json(&site->repository, "metadata/timestamp.json", document);
	assert_refresh_refused(site, "wrong key: timestamp");
}

TESTS(tuf_site_setup, tuf_site_teardown)
