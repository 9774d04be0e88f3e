/* TUF 5.6: the search through delegations. */
#include "tests/support/tuf_site_test.h"

#include <stdio.h>

/* Delegates as "BY>ROLE BY>ROLE:PATTERN ..." says, in this order; for all paths where there is no pattern. An edge that
 * ends in "!" is terminating. */
static void delegate(struct tuf_site *site, const char *graph)
{
	AUTO(free) char *copy = strdup(graph);
	char *edges = NULL, *parts = NULL;

	for (char *edge = strtok_r(copy, " ", &edges); edge; edge = strtok_r(NULL, " ", &edges)) {
		bool terminating = edge[strlen(edge) - 1] == '!';
		const char *by = strtok_r(edge, ">", &parts);
		const char *role = strtok_r(NULL, ":!", &parts);
		const char *pattern = strtok_r(NULL, "!", &parts);

		tuf_repository_delegate(&site->repository, by, role, pattern ? pattern : "*", terminating);
	}
}

/* Publishes every targets role, then a snapshot. */
static void publish(struct tuf_site *site)
{
	const char *role;
	json_t *body;

	json_object_foreach (site->repository.bodies, role, body)
		if (strcmp(json_string_value(json_object_get(body, "_type")), "targets") == 0)
			tuf_repository_publish(&site->repository, role);
	tuf_repository_bump_targets(&site->repository);
}

static const char *requests_after_targets(struct tuf_site *site)
{
	static const char last[] = ".targets.json ";
	const char *at = strstr(site->repository.requests, last);

	return at ? at + strlen(last) : site->repository.requests;
}

/* A target that nobody lists is looked for, so that the search goes as far as it can. */
static void assert_visits(struct tuf_site *site, const char *path, const char *expected)
{
	assert_int_equal(tuf_site_download_one(site, path), -1);
	assert_error(&site->err, ERROR_NOT_FOUND, path);
	assert_string_equal(requests_after_targets(site), expected);
}

static void assert_search(struct tuf_site *site, const char *graph, const char *expected)
{
	delegate(site, graph);
	publish(site);
	assert_visits(site, "missing", expected);
}

#define A "metadata/1.A.json "
#define B "metadata/1.B.json "
#define C "metadata/1.C.json "
#define D "metadata/1.D.json "

TEST_CASE(test_searches_in_pre_order_depth_first)
{
	assert_search(*state, "targets>A targets>B A>C C>D", A C D B);
}

TEST_CASE(test_a_terminating_delegation_holds_up_the_whole_tree)
{
	assert_search(*state, "targets>A targets>B A>C! A>D", A C);
}

TEST_CASE(test_descendants_of_a_terminating_delegation_are_searched)
{
	assert_search(*state, "targets>A! targets>B A>C C>D", A C D);
}

TEST_CASE(test_a_terminating_delegation_that_does_not_match_ends_nothing)
{
	assert_search(*state, "targets>A:*.py! targets>B", B);
}

TEST_CASE(test_only_matching_delegations_are_followed_at_every_level)
{
	assert_search(*state, "targets>A A>B:*.py B>C A>D:miss*", A D);
}

TEST_CASE(test_a_target_is_not_found_through_a_delegator_that_may_not_vouch_for_it)
{
	struct tuf_site *site = *state;

	delegate(site, "targets>A:a/* A>B:*/*");
	tuf_repository_add_target(&site->repository, "B", "b/file", "text");
	tuf_repository_add_target(&site->repository, "B", "a/file", "text");
	publish(site);
	assert_visits(site, "b/file", "");
	assert_ok(tuf_site_download_one(site, "a/file"), &site->err);
}

TEST_CASE(test_a_cycle_ends)
{
	assert_search(*state, "targets>A A>B B>A B>B", A B);
}

TEST_CASE(test_a_role_reached_twice_is_visited_once)
{
	assert_search(*state, "targets>A targets>B A>C B>C", A C B);
}

static void chain(struct tuf_site *site, int roles)
{
	char by[16] = "targets";

	for (int i = 0; i < roles; i++) {
		char role[16];

		(void)snprintf(role, sizeof(role), "r%d", i);
		tuf_repository_delegate(&site->repository, by, role, "*", false);
		(void)snprintf(by, sizeof(by), "r%d", i);
	}
}

TEST_CASE(test_a_search_visits_32_delegated_roles_and_no_more)
{
	struct tuf_site *site = *state;

	chain(site, 33);
	tuf_repository_add_target(&site->repository, "r31", "near", "text");
	tuf_repository_add_target(&site->repository, "r32", "far", "text");
	publish(site);
	assert_ok(tuf_site_download_one(site, "near"), &site->err);
	assert_int_equal(tuf_site_download_one(site, "far"), -1);
	assert_error(&site->err, ERROR_NOT_FOUND, "32 delegated roles");
	assert_null(strstr(site->repository.requests, "r32"));
}

TEST_CASE(test_the_first_role_in_order_wins)
{
	struct tuf_site *site = *state;
	AUTO(free) char *stored = NULL;

	delegate(site, "targets>A targets>B");
	tuf_repository_add_target(&site->repository, "B", "file", "from B");
	tuf_repository_add_target(&site->repository, "A", "file", "from A");
	publish(site);
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
	stored = tuf_site_target(site, "file");
	assert_string_equal(stored, "from A");
}

TEST_CASE(test_a_role_missing_from_the_snapshot_is_not_even_asked_for)
{
	struct tuf_site *site = *state;

	delegate(site, "targets>A");
	publish(site);
	json_object_del(tuf_repository_member(&site->repository, "snapshot", "meta"), "A.json");
	tuf_repository_set_version(&site->repository, "snapshot", 5);
	tuf_repository_publish(&site->repository, "snapshot");
	tuf_repository_timestamp(&site->repository);
	assert_int_equal(tuf_site_download_one(site, "missing"), -1);
	assert_error(&site->err, ERROR_NOT_FOUND, "does not list role 'A'");
	assert_string_equal(requests_after_targets(site), "");
}

static void publish_one_delegation(struct tuf_site *site)
{
	delegate(site, "targets>A targets>B");
	tuf_repository_add_target(&site->repository, "B", "file", "text");
	publish(site);
}

static void assert_search_ends(struct tuf_site *site, enum error_code code, const char *why)
{
	assert_int_equal(tuf_site_download_one(site, "file"), -1);
	assert_error(&site->err, code, why);
	assert_null(strstr(site->repository.requests, "B.json"));
	assert_int_equal(tuf_site_version(site, "A"), 0);
}

TEST_CASE(test_a_delegated_role_that_cannot_be_had_ends_the_search)
{
	struct tuf_site *site = *state;

	publish_one_delegation(site);
	tuf_repository_remove(&site->repository, "metadata/1.A.json");
	assert_int_equal(tuf_site_download_one(site, "file"), -1);
	assert_error(&site->err, ERROR_SERVER, "1.A.json");
	assert_string_equal(requests_after_targets(site), A);
}

TEST_CASE(test_refuses_a_delegated_role_below_the_threshold_of_its_delegator)
{
	struct tuf_site *site = *state;

	delegate(site, "targets>A");
	tuf_repository_set_threshold(&site->repository, "targets", "A", 2);
	publish_one_delegation(site);
	/* publish_one_delegation delegated to A again: roles must be unique, so the second entry goes. */
	json_array_remove(
		json_object_get(tuf_repository_member(&site->repository, "targets", "delegations"), "roles"), 1);
	publish(site);
	assert_search_ends(site, ERROR_REFUSED, "wrong key: A 1 is signed by 1 of the 2 keys that targets asks for");
}

TEST_CASE(test_refuses_a_delegated_role_of_another_version_than_listed)
{
	struct tuf_site *site = *state;

	publish_one_delegation(site);
	tuf_repository_disguise(&site->repository, "A", 7);
	assert_search_ends(site, ERROR_REFUSED, "mix-and-match attack: A has version 7 where 1 is listed");
}

TEST_CASE(test_refuses_a_delegated_role_whose_hash_is_not_listed)
{
	struct tuf_site *site = *state;

	site->repository.list_contents = true;
	publish_one_delegation(site);
	tuf_repository_alter(&site->repository, "A");
	assert_search_ends(site, ERROR_REFUSED, "mix-and-match attack: A 1: the SHA-256");
}

TEST_CASE(test_refuses_an_expired_delegated_role)
{
	struct tuf_site *site = *state;

	publish_one_delegation(site);
	tuf_repository_set_expires(&site->repository, "A", "2025-12-31T00:00:00Z");
	publish(site);
	assert_search_ends(site, ERROR_EXPIRED, "freeze attack: A 1");
}

TEST_CASE(test_a_good_local_copy_of_a_delegated_role_is_not_fetched_again)
{
	struct tuf_site *site = *state;

	publish_one_delegation(site);
	assert_ok(tuf_site_download_one(site, "file"), &site->err);
	assert_int_equal(tuf_site_download_one(site, "other"), -1);
	assert_requests(site, "metadata/2.root.json metadata/timestamp.json ");
	folder_put(&site->metadata, "A.json", "damaged", 7);
	assert_int_equal(tuf_site_download_one(site, "other"), -1);
	assert_requests(site, "metadata/2.root.json metadata/timestamp.json " A);
}

/* C is delegated to by A and B; a-file is reached through A, b-file through B. */
static void delegate_twice_to_one_role(struct tuf_site *site)
{
	delegate(site, "targets>A:a* targets>B A>C B>C");
	tuf_repository_add_target(&site->repository, "C", "a-file", "text");
	tuf_repository_add_target(&site->repository, "C", "b-file", "text");
}

TEST_CASE(test_a_role_verified_through_another_delegator_is_verified_again)
{
	struct tuf_site *site = *state;

	delegate_twice_to_one_role(site);
	/* Only A lists the key that signs it. */
	json_array_clear(json_object_get(tuf_repository_appointment(&site->repository, "B", "C"), "keyids"));
	publish(site);
	assert_ok(tuf_site_download_one(site, "a-file"), &site->err);
	assert_int_equal(tuf_site_download_one(site, "b-file"), -1);
	assert_error(&site->err, ERROR_REFUSED, "wrong key: C 1 is signed by 0 of the 1 keys that B asks for");
	/* Nor within one update, where the role is not asked for again. */
	assert_int_equal(tuf_site_download(site, (const char *const[]){"b-file", "a-file", NULL}), -1);
	folder_put(&site->metadata, "C.json", "", 0);
	assert_int_equal(tuf_site_download(site, (const char *const[]){"a-file", "b-file", NULL}), -1);
	assert_error(&site->err, ERROR_REFUSED, "wrong key: role 'C'");
	assert_string_equal(strstr(site->repository.requests, "metadata/1.C"), C);
}

TEST_CASE(test_a_role_lost_on_the_way_may_be_fetched_again_in_the_same_update)
{
	struct tuf_site *site = *state;
	struct tuf_client_options options = tuf_site_options(site);
	AUTO(tuf_client) struct tuf_client *client = NULL;
	AUTO(tuf_target) struct tuf_target target = {0};

	publish_one_delegation(site);
	assert_ok(tuf_client_open(&site->env, &options, &client, &site->err), &site->err);
	assert_ok(tuf_client_refresh(client, &site->err), &site->err);
	site->repository.fault_name = "metadata/1.A.json";
	assert_int_equal(tuf_client_find(client, "file", &target, &site->err), -1);
	assert_error(&site->err, ERROR_NETWORK, "1.A.json");
	site->repository.fault_name = NULL;
	assert_ok(tuf_client_find(client, "file", &target, &site->err), &site->err);
}

TEST_CASE(test_a_role_signed_for_both_delegators_serves_both)
{
	struct tuf_site *site = *state;

	delegate_twice_to_one_role(site);
	publish(site);
	assert_ok(tuf_site_download(site, (const char *const[]){"a-file", "b-file", NULL}), &site->err);
}

TEST_CASE(test_role_names_are_escaped_in_urls_and_files)
{
	struct tuf_site *site = *state;

	tuf_repository_delegate(&site->repository, "targets", "../reader-app/é ~?#", "*", false);
	publish(site);
	assert_visits(site, "missing", "metadata/1...%2Freader-app%2F%C3%A9%20~%3F%23.json ");
	assert_true(tuf_site_has_bytes(site, "..%2Freader-app%2F%C3%A9%20~%3F%23.json",
		"metadata/1...%2Freader-app%2F%C3%A9%20~%3F%23.json"));
}

TEST_CASE(test_refuses_a_delegation_under_the_name_of_a_top_level_role)
{
	static const char *const names[] = {"root", "timestamp", "snapshot", "targets", ""};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		json_object_set_new(tuf_repository_body(&site->repository, "targets"), "delegations",
			json_pack("{s:{}, s:[{s:s, s:[], s:i, s:b, s:[s]}]}", "keys", "roles", "name", names[i],
				"keyids", "threshold", 1, "terminating", 0, "paths", "*"));
		tuf_repository_bump_targets(&site->repository);
		assert_refresh_refused(site, "malformed metadata: targets: delegations: no role may be delegated");
	}
}

TEST_CASE(test_refuses_two_delegations_to_one_role)
{
	struct tuf_site *site = *state;

	delegate(site, "targets>A:a targets>A:b");
	publish(site);
	assert_refresh_refused(site, "two delegations to 'A'");
}

static json_t *first_delegation(struct tuf_site *site)
{
	return json_array_get(
		json_object_get(tuf_repository_member(&site->repository, "targets", "delegations"), "roles"), 0);
}

TEST_CASE(test_hash_prefixes_choose_by_the_sha256_of_the_path)
{
	struct tuf_site *site = *state;

	/* SHA-256 of "missing" begins with ffa63583. */
	delegate(site, "targets>A targets>B");
	json_object_del(first_delegation(site), "paths");
	json_object_set_new(first_delegation(site), "path_hash_prefixes", json_pack("[s,s]", "00", "ffa635"));
	publish(site);
	assert_visits(site, "missing", A B);
	json_object_set_new(first_delegation(site), "path_hash_prefixes", json_pack("[s,s]", "FFA635", "ffffff"));
	publish(site);
	assert_visits(site, "missing", "");
	assert_int_equal(tuf_site_version(site, "targets"), 3);
}

TEST_CASE(test_a_delegation_without_paths_matches_nothing)
{
	struct tuf_site *site = *state;

	delegate(site, "targets>A");
	json_object_del(first_delegation(site), "paths");
	publish(site);
	assert_visits(site, "missing", "");
}

TEST_CASE(test_refuses_a_delegation_with_paths_and_prefixes)
{
	struct tuf_site *site = *state;

	delegate(site, "targets>A");
	json_object_set_new(first_delegation(site), "path_hash_prefixes", json_pack("[s]", "00"));
	publish(site);
	assert_refresh_refused(site, "both paths and path_hash_prefixes");
}

TEST_CASE(test_the_character_zero_does_not_shorten_key_ids_and_patterns)
{
	struct tuf_site *site = *state;
	const char *id;
	json_t *key_ids;

	delegate(site, "targets>A");
	json_object_set_new(first_delegation(site), "paths", json_pack("[s%,s]", "miss*\0x", (size_t)7, "other"));
	publish(site);
	assert_visits(site, "missing", "");
	key_ids = json_object_get(first_delegation(site), "keyids");
	id = json_string_value(json_array_get(key_ids, 0));
	json_array_set_new(key_ids, 0, json_stringn(id, strlen(id) + 1));
	publish(site);
	assert_int_equal(tuf_site_download_one(site, "other"), -1);
	assert_error(&site->err, ERROR_REFUSED, "wrong key: A 1");
}

TEST_CASE(test_succinct_delegations_choose_one_bin)
{
	struct tuf_site *site = *state;
	json_t *delegations;

	/* "missing" falls into bin f of 16, "bin-f". */
	delegate(site, "targets>bin-f");
	delegations = tuf_repository_member(&site->repository, "targets", "delegations");
	json_object_set_new(delegations, "succinct_roles",
		json_pack("{s:O, s:i, s:i, s:s}", "keyids", json_object_get(first_delegation(site), "keyids"),
			"threshold", 1, "bit_length", 4, "name_prefix", "bin"));
	json_object_del(delegations, "roles");
	publish(site);
	assert_visits(site, "missing", "metadata/1.bin-f.json ");
}

TEST_CASE(test_refuses_a_delegated_role_older_than_the_one_on_disk)
{
	struct tuf_site *site = *state;

	delegate(site, "targets>A");
	tuf_repository_set_version(&site->repository, "A", 5);
	publish(site);
	assert_visits(site, "missing", "metadata/5.A.json ");
	assert_ok(fs_remove(&site->fs, site->metadata.fd, "snapshot.json", &site->err), &site->err);
	tuf_repository_set_version(&site->repository, "A", 4);
	publish(site);
	assert_int_equal(tuf_site_download_one(site, "missing"), -1);
	assert_error(&site->err, ERROR_REFUSED, "rollback attack: A 4 is older than the trusted 5");
	assert_int_equal(tuf_site_version(site, "A"), 5);
}

TESTS(tuf_site_setup, tuf_site_teardown)
