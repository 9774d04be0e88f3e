/* TUF 5.1 to 5.3: start and root chain. */
#include "tests/support/tuf_site_test.h"

#include <stdio.h>

static void put_root(struct tuf_site *site, const char *name, json_t *take_document)
{
	tuf_repository_put_json(&site->repository, name, take_document);
	json_decref(take_document);
}

TEST_CASE(test_a_first_refresh_asks_for_each_file_once_and_keeps_the_bytes)
{
	struct tuf_site *site = *state;

	assert_refreshes(site);
	assert_requests(site,
		"metadata/2.root.json metadata/timestamp.json metadata/1.snapshot.json metadata/1.targets.json ");
	assert_true(tuf_site_has_bytes(site, "root.json", "metadata/1.root.json"));
	assert_true(tuf_site_has_bytes(site, "timestamp.json", "metadata/timestamp.json"));
	assert_true(tuf_site_has_bytes(site, "snapshot.json", "metadata/1.snapshot.json"));
	assert_true(tuf_site_has_bytes(site, "targets.json", "metadata/1.targets.json"));
}

TEST_CASE(test_a_refresh_of_an_unchanged_repository_costs_two_requests)
{
	struct tuf_site *site = *state;

	assert_refreshes(site);
	assert_refreshes(site);
	assert_requests(site, "metadata/2.root.json metadata/timestamp.json ");
}

TEST_CASE(test_refuses_a_trusted_root_that_its_own_keys_did_not_sign)
{
	struct tuf_site *site = *state;
	AUTO(free) char *root = NULL;
	char *version;
	size_t len;

	root = tuf_repository_bytes(&site->repository, "metadata/1.root.json", &len);
	version = strstr(root, "\"2030-");
	memcpy(version, "\"2031-", 6);
	folder_put(&site->metadata, "root.json", root, len);
	assert_int_equal(tuf_site_refresh(site), -1);
	assert_error(&site->err, ERROR_DAMAGED, "wrong key: root 1");
	assert_requests(site, "");
}

TEST_CASE(test_refuses_a_damaged_trusted_root_before_any_request)
{
	static const char *const damaged[] = {"", "{", "<html>", "[]"};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		folder_put(&site->metadata, "root.json", damaged[i], strlen(damaged[i]));
		assert_int_equal(tuf_site_refresh(site), -1);
		assert_error(&site->err, ERROR_DAMAGED, "malformed metadata");
		assert_requests(site, "");
	}
	assert_ok(fs_remove(&site->fs, site->metadata.fd, "root.json", &site->err), &site->err);
	assert_int_equal(tuf_site_refresh(site), -1);
	assert_error(&site->err, ERROR_NOT_FOUND, "root.json");
	assert_requests(site, "");
}

TEST_CASE(test_init_refuses_an_unsigned_root_and_keeps_the_former)
{
	struct tuf_site *site = *state;
	AUTO(json) json_t *document = tuf_repository_document(&site->repository, "root");
	AUTO(buf) struct buf text = BUF_INIT(1u << 20);

	assert_int_equal(json_array_clear(json_object_get(document, "signatures")), 0);
	assert_ok(json_write(document, &text, &site->err), &site->err);
	assert_int_equal(tuf_client_init(&site->fs, site->metadata.fd, text.data, text.len, &site->err), -1);
	assert_error(&site->err, ERROR_REFUSED, "wrong key");
	assert_refreshes(site);
}

TEST_CASE(test_an_expired_trusted_root_is_good_enough_to_find_the_next)
{
	struct tuf_site *site = *state;

	tuf_repository_bump(&site->repository, "root");
	site->now_s = TUF_NOW_S + INT64_C(86400) * 365 * 10;
	tuf_repository_set_expires(&site->repository, "root", "2040-01-01T00:00:00Z");
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_set_expires(&site->repository, "targets", "2040-01-01T00:00:00Z");
	tuf_repository_set_expires(&site->repository, "snapshot", "2040-01-01T00:00:00Z");
	tuf_repository_set_expires(&site->repository, "timestamp", "2040-01-01T00:00:00Z");
	tuf_repository_bump_targets(&site->repository);
	assert_refreshes(site);
	assert_versions(site, 3, 2, 2, 2);
}

TEST_CASE(test_walks_the_chain_of_roots_to_its_end)
{
	struct tuf_site *site = *state;

	for (int i = 0; i < 4; i++) {
		tuf_repository_rotate(&site->repository, "root", "root");
		/* the chain holds only where the former key signs too */
		json_array_append_new(json_object_get(site->repository.signers, "root"),
			json_string(signer_key_id(site->repository.keys[i ? site->repository.keys_count - 2 : 0])));
		tuf_repository_bump(&site->repository, "root");
	}
	assert_refreshes(site);
	assert_int_equal(tuf_site_version(site, "root"), 5);
	assert_requests(site, "metadata/2.root.json metadata/3.root.json metadata/4.root.json metadata/5.root.json "
			      "metadata/6.root.json "
			      "metadata/timestamp.json metadata/1.snapshot.json metadata/1.targets.json ");
}

TEST_CASE(test_stops_after_256_roots_in_one_run)
{
	struct tuf_site *site = *state;

	for (int i = 0; i < 258; i++)
		tuf_repository_bump(&site->repository, "root");
	assert_refreshes(site);
	assert_int_equal(tuf_site_version(site, "root"), 257);
	assert_refreshes(site);
	assert_int_equal(tuf_site_version(site, "root"), 259);
}

TEST_CASE(test_refuses_a_root_beyond_the_byte_limit)
{
	struct tuf_site *site = *state;
	AUTO(free) char *padding = malloc(600001);

	memset(padding, 'x', 600000);
	padding[600000] = '\0';
	json_object_set_new(tuf_repository_body(&site->repository, "root"), "x-padding", json_string(padding));
	tuf_repository_bump(&site->repository, "root");
	assert_refresh_refused(site, "endless data attack: 2.root.json");
	assert_versions(site, 1, 0, 0, 0);
}

TEST_CASE(test_a_root_that_the_server_forbids_ends_the_chain)
{
	struct tuf_site *site = *state;

	site->repository.fault_name = "metadata/2.root.json";
	site->repository.fault_status = 403;
	assert_refreshes(site);
}

TEST_CASE(test_any_other_failure_to_fetch_a_root_is_an_error)
{
	struct tuf_site *site = *state;
	static const int statuses[] = {0, 410, 500, 503, 301};

	site->repository.fault_name = "metadata/2.root.json";
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		site->repository.fault_status = statuses[i];
		assert_int_equal(tuf_site_refresh(site), -1);
		assert_requests(site, "metadata/2.root.json ");
	}
}

TEST_CASE(test_refuses_a_root_that_the_trusted_root_did_not_appoint)
{
	struct tuf_site *site = *state;

	tuf_repository_rotate(&site->repository, "root", "root");
	tuf_repository_bump(&site->repository, "root");
	assert_refresh_refused(site, "wrong key: root 2 is signed by 0 of the 1 keys that the trusted root asks for");
	assert_versions(site, 1, 0, 0, 0);
}

TEST_CASE(test_refuses_a_root_below_its_own_threshold)
{
	struct tuf_site *site = *state;

	tuf_repository_set_threshold(&site->repository, "root", "root", 2);
	tuf_repository_bump(&site->repository, "root");
	assert_refresh_refused(site, "wrong key: root 2 is signed by 1 of the 2 keys that it itself asks for");
	assert_versions(site, 1, 0, 0, 0);
}

TEST_CASE(test_a_key_under_two_ids_counts_once)
{
	struct tuf_site *site = *state;
	json_t *keys = tuf_repository_member(&site->repository, "root", "keys");
	const char *id = json_string_value(json_array_get(json_object_get(site->repository.signers, "root"), 0));
	AUTO(json) json_t *twin = json_deep_copy(json_object_get(keys, id));
	AUTO(json) json_t *document = NULL;
	char twin_id[SHA256_HEX_SIZE];
	struct sha256 digest;
	AUTO(free) char *text = NULL;
	json_t *signatures;

	/* The same key with a note has an id of its own. */
	json_object_set_new(twin, "x-note", json_string("twin"));
	text = json_dumps(twin, JSON_COMPACT | JSON_SORT_KEYS);
	sha256_of(text, strlen(text), &digest);
	json_object_set(keys, sha256_hex(&digest, twin_id), twin);
	json_array_append_new(
		json_object_get(tuf_repository_appointment(&site->repository, "root", "root"), "keyids"),
		json_string(twin_id));
	tuf_repository_set_threshold(&site->repository, "root", "root", 2);
	tuf_repository_set_version(&site->repository, "root", 2);
	document = tuf_repository_document(&site->repository, "root");
	signatures = json_object_get(document, "signatures");
	json_array_append_new(signatures, json_pack("{s:s, s:O}", "keyid", twin_id, "sig",
						  json_object_get(json_array_get(signatures, 0), "sig")));
	tuf_repository_put_json(&site->repository, "metadata/2.root.json", document);
	assert_refresh_refused(site, "the same key signed under two ids");
}

TEST_CASE(test_a_key_id_listed_twice_counts_once)
{
	struct tuf_site *site = *state;
	json_t *key_ids =
		json_object_get(tuf_repository_appointment(&site->repository, "root", "timestamp"), "keyids");

	json_array_append(key_ids, json_array_get(key_ids, 0));
	tuf_repository_set_threshold(&site->repository, "root", "timestamp", 2);
	tuf_repository_bump(&site->repository, "root");
	assert_refresh_refused(site, "wrong key: timestamp 1 is signed by 1 of the 2 keys");
	assert_versions(site, 2, 0, 0, 0);
}

TEST_CASE(test_refuses_a_root_that_skips_a_version)
{
	struct tuf_site *site = *state;

	tuf_repository_set_version(&site->repository, "root", 3);
	put_root(site, "metadata/2.root.json", tuf_repository_document(&site->repository, "root"));
	assert_refresh_refused(site, "mix-and-match attack: root 3 was given where 2 should follow");
	assert_versions(site, 1, 0, 0, 0);
}

TEST_CASE(test_refuses_a_root_that_is_not_newer)
{
	struct tuf_site *site = *state;

	put_root(site, "metadata/2.root.json", tuf_repository_document(&site->repository, "root"));
	assert_refresh_refused(site, "rollback attack: root 1 was given where 2 should follow");
	assert_versions(site, 1, 0, 0, 0);
}

TEST_CASE(test_an_expired_intermediate_root_does_not_matter)
{
	struct tuf_site *site = *state;

	tuf_repository_set_expires(&site->repository, "root", "2020-01-01T00:00:00Z");
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_set_expires(&site->repository, "root", TUF_EXPIRES);
	tuf_repository_bump(&site->repository, "root");
	assert_refreshes(site);
	assert_int_equal(tuf_site_version(site, "root"), 3);
}

TEST_CASE(test_each_root_is_kept_before_the_next_is_fetched)
{
	struct tuf_site *site = *state;

	tuf_repository_bump(&site->repository, "root");
	tuf_repository_bump(&site->repository, "root");
	site->repository.fault_name = "metadata/3.root.json";
	assert_int_equal(tuf_site_refresh(site), -1);
	assert_versions(site, 2, 0, 0, 0);
	assert_true(tuf_site_has_bytes(site, "root.json", "metadata/2.root.json"));
}

TEST_CASE(test_an_expired_final_root_is_kept_and_nothing_else_changes)
{
	struct tuf_site *site = *state;

	assert_refreshes(site);
	tuf_repository_rotate(&site->repository, "root", "timestamp");
	tuf_repository_set_expires(&site->repository, "root", "2025-12-31T23:59:59Z");
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_timestamp(&site->repository);
	assert_refresh_expired(site, "root 2 expired at 2025-12-31T23:59:59Z");
	assert_requests(site, "metadata/2.root.json metadata/3.root.json ");
	assert_versions(site, 2, 1, 1, 1);
}

TEST_CASE(test_metadata_expires_at_the_very_second)
{
	struct tuf_site *site = *state;

	tuf_repository_set_expires(&site->repository, "root", "2026-01-01T00:00:00Z");
	tuf_repository_bump(&site->repository, "root");
	assert_refresh_expired(site, "root 2");
	site->now_s = TUF_NOW_S - 1;
	assert_refreshes(site);
}

TEST_CASE(test_without_consistent_snapshots_names_have_no_version)
{
	struct tuf_site *site = *state;

	json_object_del(tuf_repository_body(&site->repository, "root"), "consistent_snapshot");
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_add_target(&site->repository, "targets", "dir/file", "text");
	tuf_repository_bump_targets(&site->repository);
	assert_ok(tuf_site_download_one(site, "dir/file"), &site->err);
	assert_requests(site, "metadata/2.root.json metadata/3.root.json metadata/timestamp.json "
			      "metadata/snapshot.json metadata/targets.json "
			      "targets/dir/file ");
}

TEST_CASE(test_the_final_root_decides_about_file_names)
{
	struct tuf_site *site = *state;

	json_object_set_new(tuf_repository_body(&site->repository, "root"), "consistent_snapshot", json_false());
	tuf_repository_bump(&site->repository, "root");
	assert_refreshes(site);
	assert_non_null(strstr(site->repository.requests, " metadata/snapshot.json metadata/targets.json "));
}

TEST_CASE(test_refuses_a_root_without_one_of_the_top_level_roles)
{
	struct tuf_site *site = *state;

	json_object_del(tuf_repository_member(&site->repository, "root", "roles"), "snapshot");
	tuf_repository_bump(&site->repository, "root");
	assert_refresh_refused(site, "malformed metadata: root: role snapshot");
}

TEST_CASE(test_a_key_under_a_wrong_id_never_counts)
{
	struct tuf_site *site = *state;
	json_t *keys = tuf_repository_member(&site->repository, "root", "keys");
	json_t *key_ids =
		json_object_get(tuf_repository_appointment(&site->repository, "root", "timestamp"), "keyids");
	const char *id = json_string_value(json_array_get(key_ids, 0));
	AUTO(json) json_t *document = NULL;
	static const char wrong[] = "00000000000000000000000000000000000000000000000000000000000000aa";

	json_object_set(keys, wrong, json_object_get(keys, id));
	json_array_append_new(key_ids, json_string(wrong));
	tuf_repository_bump(&site->repository, "root");
	document = tuf_repository_document(&site->repository, "timestamp");
	json_object_set_new(json_array_get(json_object_get(document, "signatures"), 0), "keyid", json_string(wrong));
	tuf_repository_put_json(&site->repository, "metadata/timestamp.json", document);
	assert_refresh_refused(site, "wrong key: it is listed as 0000");
}

TEST_CASE(test_keys_of_every_kind_sign_a_root)
{
	struct tuf_site *site = *state;

	site->repository.kind = KEY_ECDSA_P256;
	tuf_repository_add_key(&site->repository, "root", "root");
	site->repository.kind = KEY_RSA_PSS;
	tuf_repository_add_key(&site->repository, "root", "root");
	tuf_repository_set_threshold(&site->repository, "root", "root", 3);
	tuf_repository_bump(&site->repository, "root");
	assert_refreshes(site);
	assert_int_equal(tuf_site_version(site, "root"), 2);
}

TESTS(tuf_site_setup, tuf_site_teardown)
