/* TUF 5.6: the top-level targets. */
#include "tests/support/tuf_site_test.h"

/* A member of targets that is not what it should be, as JSON, and what is said of it. */
struct misshapen {
	const char *member;
	const char *why;
};

static void assert_refuses_targets_with(struct tuf_site *site, const char *name, const struct misshapen *row)
{
	json_object_set_new(tuf_repository_body(&site->repository, "targets"), name,
		json_loads(row->member, JSON_ALLOW_NUL, NULL));
	tuf_repository_bump_targets(&site->repository);
	assert_refresh_refused(site, "malformed metadata: targets: ");
	assert_error(&site->err, ERROR_REFUSED, row->why);
}

TEST_CASE(test_refuses_misshapen_delegations)
{
#define ROLE(...) "{\"keys\":{},\"roles\":[{" __VA_ARGS__ "}]}"
#define SIGNERS "\"name\":\"A\",\"keyids\":[],\"threshold\":1"
	static const struct misshapen rows[] = {
		{"[]", "not an object"},
		{"{}", "'keys' is missing"},
		{"{\"keys\":{}}", "either 'roles' or 'succinct_roles'"},
		{"{\"keys\":{},\"roles\":[],\"succinct_roles\":{}}", "either 'roles' or 'succinct_roles'"},
		{"{\"keys\":{\"a\":1},\"roles\":[]}", "key a is not an object"},
		{"{\"keys\":{\"a\":{\"keytype\":\"x\"}},\"roles\":[]}", "key a: member 'scheme'"},
		{"{\"keys\":{},\"roles\":[1]}", "delegation 1 is not an object"},
		{"{\"keys\":{},\"succinct_roles\":{\"keyids\":[],\"threshold\":1,\"bit_length\":33,"
		 "\"name_prefix\":\"b\"}}",
			"bit_length"},
		{"{\"keys\":{},\"succinct_roles\":{\"keyids\":[],\"threshold\":1,\"bit_length\":3}}", "name_prefix"},
		{ROLE("\"name\":1"), "'name'"},
		{ROLE("\"name\":\"A\""), "delegation to 'A': member 'keyids'"},
		{ROLE("\"name\":\"A\",\"keyids\":[1],\"threshold\":1"), "key id 1 is not a string"},
		{ROLE("\"name\":\"A\\u0000\""), "U+0000"},
		{ROLE(SIGNERS), "terminating"},
		{ROLE(SIGNERS ",\"terminating\":1"), "terminating"},
		{ROLE(SIGNERS ",\"terminating\":true,\"paths\":\"a\""), "'paths'"},
		{ROLE(SIGNERS ",\"terminating\":true,\"paths\":[1]"), "entry 1 of 'paths'"},
		{ROLE(SIGNERS ",\"terminating\":true,\"path_hash_prefixes\":[\"a\",{}]"),
			"entry 2 of 'path_hash_prefixes'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_refuses_targets_with(*state, "delegations", &rows[i]);
}

TEST_CASE(test_refuses_misshapen_targets)
{
	static const struct misshapen rows[] = {
		{"[]", "'targets' is not an object"},
		{"{\"a\":1}", "target 'a' is not an object"},
		{"{\"a\":{\"length\":-1,\"hashes\":{}}}", "target 'a': member 'length'"},
		{"{\"a\":{\"length\":1,\"hashes\":{\"md5\":5}}}", "hash 'md5' is not a string"},
		{"{\"a\":{\"length\":1,\"hashes\":{\"sha256\":\"abc\"}}}", "hashes: sha256"},
		{"{\"a\":{\"length\":1,\"hashes\":{\"sha512\":\"\"}}}", "hashes: sha512"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_refuses_targets_with(*state, "targets", &rows[i]);
}

TEST_CASE(test_refuses_targets_below_the_threshold_of_the_root)
{
	struct tuf_site *site = *state;

	tuf_repository_set_threshold(&site->repository, "root", "targets", 2);
	tuf_repository_bump(&site->repository, "root");
	assert_refresh_refused(site, "wrong key: targets 1 is signed by 1 of the 2 keys that root asks for");
	assert_versions(site, 2, 1, 1, 0);
}

TEST_CASE(test_targets_is_read_no_further_than_listed_or_the_own_limit)
{
	struct tuf_site *site = *state;
	AUTO(free) char *padding = malloc(5000001);

	memset(padding, 'x', 5000000);
	padding[5000000] = '\0';
	json_object_set_new(tuf_repository_body(&site->repository, "targets"), "x-padding", json_string(padding));
	tuf_repository_bump_targets(&site->repository);
	assert_refresh_refused(site, "endless data attack: 2.targets.json");
	/* A listed length is the limit, above the own one too. */
	site->repository.list_contents = true;
	tuf_repository_snapshot(&site->repository);
	assert_refreshes(site);
}

TEST_CASE(test_refuses_targets_whose_hash_is_not_listed)
{
	struct tuf_site *site = *state;

	site->repository.list_contents = true;
	tuf_repository_snapshot(&site->repository);
	tuf_repository_alter(&site->repository, "targets");
	assert_refresh_refused(site, "mix-and-match attack: targets 1: the SHA-256");
}

TEST_CASE(test_refuses_targets_of_another_version_than_listed)
{
	struct tuf_site *site = *state;

	tuf_repository_disguise(&site->repository, "targets", 3);
	assert_refresh_refused(site, "mix-and-match attack: targets has version 3 where 1 is listed");
	assert_versions(site, 1, 1, 1, 0);
}

TEST_CASE(test_refuses_expired_targets_and_keeps_the_former)
{
	struct tuf_site *site = *state;

	assert_refreshes(site);
	tuf_repository_set_expires(&site->repository, "targets", "2025-12-31T00:00:00Z");
	tuf_repository_bump_targets(&site->repository);
	assert_refresh_expired(site, "targets 2");
	assert_versions(site, 1, 2, 2, 1);
}

TEST_CASE(test_refuses_a_snapshot_that_does_not_list_targets)
{
	struct tuf_site *site = *state;

	json_object_clear(tuf_repository_member(&site->repository, "snapshot", "meta"));
	tuf_repository_bump(&site->repository, "snapshot");
	tuf_repository_timestamp(&site->repository);
	assert_refresh_refused(site, "mix-and-match attack: snapshot 2 does not list role 'targets'");
}

TESTS(tuf_site_setup, tuf_site_teardown)
