/* TUF 4: formats. Documents are made by hand, signed, and read. */
#include "tests/support/tuf_site_test.h"

#include <stdio.h>

#include "manifests/tuf/metadata_signers.h"

/* Publishes a timestamp with one member of "signed" set to VALUE (NULL: removed), and refreshes. */
static int refresh_with_member(struct tuf_site *site, const char *member, json_t *take_value)
{
	json_t *body = tuf_repository_body(&site->repository, "timestamp");
	AUTO(json) json_t *former = json_incref(json_object_get(body, member));
	int ret;

	if (take_value)
		json_object_set_new(body, member, take_value);
	else
		json_object_del(body, member);
	if (strcmp(member, "version") == 0 || tuf_repository_version(&site->repository, "timestamp") < 1)
		tuf_repository_publish(&site->repository, "timestamp");
	else
		tuf_repository_bump(&site->repository, "timestamp");
	ret = tuf_site_refresh(site);
	if (former)
		json_object_set(body, member, former);
	else
		json_object_del(body, member);
	return ret;
}

static void assert_member_refused(struct tuf_site *site, const char *member, json_t *take_value, const char *why)
{
	assert_int_equal(refresh_with_member(site, member, take_value), -1);
	assert_error(&site->err, ERROR_REFUSED, "malformed metadata: timestamp");
	assert_error(&site->err, ERROR_REFUSED, why);
}

TEST_CASE(test_refuses_another_type)
{
	struct tuf_site *site = *state;

	assert_member_refused(site, "_type", json_string("snapshot"), "_type is 'snapshot'");
	assert_member_refused(site, "_type", json_string("Timestamp"), "_type");
	assert_member_refused(site, "_type", NULL, "'_type' is missing");
	assert_member_refused(site, "_type", json_integer(1), "_type");
}

TEST_CASE(test_takes_any_1_x_specification_and_no_other)
{
	static const char *const good[] = {"1.0", "1.0.0", "1.0.31", "1.99.1"};
	static const char *const bad[] = {
		"2.0.0", "0.9", "1", "10.0", "1.", "1.0.", "1.0.0.0", "1.x", "1.0 ", "", ".1"};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_ok(refresh_with_member(site, "spec_version", json_string(good[i])), &site->err);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_member_refused(site, "spec_version", json_string(bad[i]), "spec_version");
	assert_member_refused(site, "spec_version", json_integer(1), "spec_version");
}

TEST_CASE(test_refuses_versions_that_are_no_positive_integers)
{
	struct tuf_site *site = *state;

	assert_member_refused(site, "version", json_integer(0), "version");
	assert_member_refused(site, "version", json_integer(-1), "version");
	assert_member_refused(site, "version", json_string("1"), "version");
	assert_member_refused(site, "version", json_true(), "version");
	assert_member_refused(site, "version", NULL, "version");
}

TEST_CASE(test_refuses_impossible_dates)
{
	static const char *const bad[] = {"2030-02-30T00:00:00Z", "2030-13-01T00:00:00Z", "2030-01-01T24:00:00Z",
		"2030-01-01T00:60:00Z", "2030-01-01T00:00:00", "2030-01-01T00:00:00Zx", "2030-01-01T00:00:00+00:00",
		"2030-01-01 00:00:00Z", "2030-01-01T00:00:00.5Z", "2030-1-1T00:00:00Z", "2031-02-29T00:00:00Z", "",
		" 2030-01-01T00:00:00Z", "2030-01-01T23:59:60Z"};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_member_refused(site, "expires", json_string(bad[i]), "expires");
	assert_member_refused(site, "expires", json_integer(4102444800), "expires");
}

TEST_CASE(test_dates_reach_beyond_2038_and_know_no_time_zone)
{
	struct tuf_site *site = *state;

	tuf_repository_set_expires(&site->repository, "root", "9999-12-31T23:59:59Z");
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_set_expires(&site->repository, "targets", "2100-03-01T00:00:00Z");
	tuf_repository_set_expires(&site->repository, "snapshot", "2100-03-01T00:00:00Z");
	tuf_repository_set_expires(&site->repository, "timestamp", "2100-03-01T00:00:00Z");
	tuf_repository_bump_targets(&site->repository);
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
	site->now_s = INT64_C(4107542399); /* one second before: 2100 is no leap year */
	assert_refreshes(site);
	site->now_s++;
	assert_refresh_expired(site, "timestamp 2");
	assert_int_equal(unsetenv("TZ"), 0);
}

TEST_CASE(test_unknown_members_anywhere_are_tolerated_and_signed)
{
	struct tuf_site *site = *state;
	json_t *odd =
		json_pack("{s:[n,b,I,{}], s:s}", "x", 1, (json_int_t)9007199254740993, "y", "\x01\n\xc3\xa9\"\\/");
	AUTO(json) json_t *document = NULL;

	json_object_set(tuf_repository_body(&site->repository, "root"), "x-body", odd);
	json_object_set(tuf_repository_appointment(&site->repository, "root", "targets"), "x-role", odd);
	json_object_set(tuf_repository_body(&site->repository, "timestamp"), "x-body", odd);
	json_object_set(
		json_object_get(tuf_repository_member(&site->repository, "timestamp", "meta"), "snapshot.json"),
		"x-entry", odd);
	tuf_repository_bump(&site->repository, "root");
	tuf_repository_bump(&site->repository, "timestamp");
	document = tuf_repository_document(&site->repository, "timestamp");
	json_object_set(document, "x-top", odd);
	json_object_set(json_array_get(json_object_get(document, "signatures"), 0), "x-signature", odd);
	tuf_repository_put_json(&site->repository, "metadata/timestamp.json", document);
	json_decref(odd);
	assert_refreshes(site);
}

/* Puts a text in place of the timestamp and refreshes. */
static int refresh_with_text(struct tuf_site *site, const char *text)
{
	tuf_repository_put(&site->repository, "metadata/timestamp.json", text, strlen(text));
	return tuf_site_refresh(site);
}

/* The timestamp's text with the first FROM replaced by TO, where they may differ in length. */
static char *edited(struct tuf_site *site, const char *from, const char *to)
{
	size_t len;
	AUTO(free) char *text = tuf_repository_bytes(&site->repository, "metadata/timestamp.json", &len);
	char *at = strstr(text, from);
	char *result;

	assert_non_null(at);
	assert_true(asprintf(&result, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) >= 0);
	return result;
}

TEST_CASE(test_white_space_around_the_document_is_fine_and_kept)
{
	struct tuf_site *site = *state;
	size_t len;
	AUTO(free) char *text = tuf_repository_bytes(&site->repository, "metadata/timestamp.json", &len);
	AUTO(free) char *spaced = NULL;

	assert_true(asprintf(&spaced, "\n %s \r\n\t", text) >= 0);
	assert_ok(refresh_with_text(site, spaced), &site->err);
	assert_true(tuf_site_has_bytes(site, "timestamp.json", "metadata/timestamp.json"));
}

TEST_CASE(test_refuses_what_is_not_strict_json)
{
	static const struct {
		const char *from;
		const char *to;
	} edits[] = {
		{"\"signed\": {", "\"signed\": {\"version\": 1, "},	  /* a member twice */
		{"\"version\": 1", "\"version\": 1, \"a\": \"\xff\""},	  /* invalid UTF-8 */
		{"\"version\": 1", "\"version\": 1, \"a\": \"\\ud800\""}, /* a lone surrogate */
		{"\"version\": 1", "\"version\": 1, \"a\": 01"},
		{"\"version\": 1", "\"version\": 1, \"a\": NaN"},
		{"\"version\": 1", "\"version\": 1,"},
		{"\"version\": 1", "\"version\": 1, \"a\": 'x'"},
		{"\"version\": 1", "\"version\": 1, \"a\": \"\n\""},
		{"\"version\": 1", "\"version\": 1, \"a\": 1.5"}, /* no canonical form */
		{"\"version\": 1", "\"version\": 1.0"},
		{"\"version\": 1", "\"version\": 1, \"a\": 18446744073709551616"},
	};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		AUTO(free) char *text = edited(site, edits[i].from, edits[i].to);

		tuf_repository_forget_requests(&site->repository);
		assert_int_equal(refresh_with_text(site, text), -1);
		assert_error(&site->err, ERROR_REFUSED, "malformed metadata: timestamp");
		tuf_repository_publish(&site->repository, "timestamp");
	}
}

TEST_CASE(test_refuses_trailing_garbage)
{
	struct tuf_site *site = *state;
	size_t len;
	AUTO(free) char *text = tuf_repository_bytes(&site->repository, "metadata/timestamp.json", &len);
	AUTO(free) char *longer = NULL;

	assert_true(asprintf(&longer, "%s{}", text) >= 0);
	assert_int_equal(refresh_with_text(site, longer), -1);
	assert_error(&site->err, ERROR_REFUSED, "malformed metadata");
}

TEST_CASE(test_refuses_what_is_no_envelope)
{
	static const char *const texts[] = {"{\"signed\":{}}", "{\"signatures\":[]}",
		"{\"signed\":[],\"signatures\":[]}", "{\"signed\":{},\"signatures\":{}}",
		"{\"signed\":{},\"signatures\":[1]}", "{\"signed\":{},\"signatures\":[{\"keyid\":\"a\"}]}",
		"{\"signed\":{},\"signatures\":[{\"sig\":\"a\"}]}",
		"{\"signed\":{},\"signatures\":[{\"keyid\":1,\"sig\":\"\"}]}"};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(refresh_with_text(site, texts[i]), -1);
		assert_error(&site->err, ERROR_REFUSED, "malformed metadata: timestamp");
	}
}

/* Nobody signed it, so nobody forged it: there was no contact. */
TEST_CASE(test_what_is_no_document_at_all_is_no_contact)
{
	static const char *const texts[] = {
		"", "\n", "null", "[]", "{}", "<html>sign in</html>", "\x1f\x8b\x08", "{\"error\": \"sign in\"}",
		"{\"signed\": {\"_type\": \"timestamp\"", "{\"signed\": {\"a\": \"}}\\\"}", "{"};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(refresh_with_text(site, texts[i]), -1);
		assert_error(&site->err, ERROR_STRANGER, "malformed metadata: timestamp");
	}
}

TEST_CASE(test_refuses_deep_nesting_without_falling)
{
	struct tuf_site *site = *state;
	AUTO(free) char *deep = malloc(200001);
	struct metadata *metadata = NULL;

	for (int i = 0; i < 100000; i++) {
		deep[i] = '[';
		deep[199999 - i] = ']';
	}
	deep[200000] = '\0';
	assert_int_equal(metadata_parse(deep, 200000, "targets", "targets", &metadata, &site->err), -1);
	assert_error(&site->err, ERROR_STRANGER, "malformed metadata: targets");
}

TEST_CASE(test_refuses_more_values_than_memory_should_hold)
{
	struct tuf_site *site = *state;
	AUTO(free) char *dense = malloc(5000000);
	struct metadata *metadata = NULL;

	memset(dense, ',', 5000000);
	for (size_t i = 1; i + 1 < 5000000; i += 3)
		memcpy(dense + i, "{}", 2);
	dense[0] = '[';
	assert_int_equal(metadata_parse(dense, 5000000, "targets", "targets", &metadata, &site->err), -1);
	assert_error(&site->err, ERROR_STRANGER, "more values than such a text needs");
}

static json_t *signatures_of(json_t *document)
{
	return json_object_get(document, "signatures");
}

TEST_CASE(test_two_signatures_by_one_key_id_make_the_document_invalid)
{
	struct tuf_site *site = *state;
	AUTO(json) json_t *document = tuf_repository_document(&site->repository, "timestamp");

	json_array_append(signatures_of(document), json_array_get(signatures_of(document), 0));
	tuf_repository_put_json(&site->repository, "metadata/timestamp.json", document);
	assert_refresh_refused(site, "malformed metadata: timestamp: two signatures by key");
}

TEST_CASE(test_other_signatures_neither_help_nor_hurt)
{
	struct tuf_site *site = *state;
	const char *const ids[] = {"unknown", signer_key_id(site->repository.keys[0])};
	AUTO(json) json_t *document = tuf_repository_document(&site->repository, "timestamp");

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		json_array_insert_new(
			signatures_of(document), 0, json_pack("{s:s, s:s}", "keyid", ids[i], "sig", "00"));
	tuf_repository_put_json(&site->repository, "metadata/timestamp.json", document);
	assert_refreshes(site);
}

TEST_CASE(test_an_invalid_signature_does_not_spoil_a_met_threshold)
{
	static const char *const bad[] = {"", "0", "zz", "00", "3046022100"};
	struct tuf_site *site = *state;
	const char *id = tuf_repository_add_key(&site->repository, "root", "timestamp");

	tuf_repository_bump(&site->repository, "root");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(json) json_t *document = NULL;

		tuf_repository_bump(&site->repository, "timestamp");
		document = tuf_repository_document(&site->repository, "timestamp");
		assert_string_equal(
			json_string_value(json_object_get(json_array_get(signatures_of(document), 1), "keyid")), id);
		json_object_set_new(json_array_get(signatures_of(document), 1), "sig", json_string(bad[i]));
		tuf_repository_put_json(&site->repository, "metadata/timestamp.json", document);
		assert_refreshes(site);
	}
}

TEST_CASE(test_a_key_of_an_unknown_scheme_does_not_spoil_the_document)
{
	struct tuf_site *site = *state;
	json_t *keys = tuf_repository_member(&site->repository, "root", "keys");

	json_object_set_new(keys, "some-id",
		json_pack("{s:s, s:s, s:{s:s}}", "keytype", "sphincs", "scheme", "sphincs-1", "keyval", "certificate",
			"x"));
	json_array_append_new(
		json_object_get(tuf_repository_appointment(&site->repository, "root", "timestamp"), "keyids"),
		json_string("some-id"));
	tuf_repository_bump(&site->repository, "root");
	assert_refreshes(site);
}

TEST_CASE(test_keys_with_odd_unknown_members_count)
{
	struct tuf_site *site = *state;
	json_t *keys = tuf_repository_member(&site->repository, "root", "keys");
	json_t *key_ids =
		json_object_get(tuf_repository_appointment(&site->repository, "root", "timestamp"), "keyids");
	const char *id = json_string_value(json_array_get(key_ids, 0));
	AUTO(json) json_t *key = json_deep_copy(json_object_get(keys, id));
	AUTO(json) json_t *document = NULL;
	AUTO(free) char *text = NULL;
	char odd_id[SHA256_HEX_SIZE];
	struct sha256 digest;

	json_object_set_new(key, "keyid_hash_algorithms", json_string("md5"));
	json_object_set_new(json_object_get(key, "keyval"), "private", json_string(""));
	text = json_dumps(key, JSON_COMPACT | JSON_SORT_KEYS);
	sha256_of(text, strlen(text), &digest);
	json_object_set(keys, sha256_hex(&digest, odd_id), key);
	json_array_set_new(key_ids, 0, json_string(odd_id));
	tuf_repository_bump(&site->repository, "root");
	document = tuf_repository_document(&site->repository, "timestamp");
	json_object_set_new(json_array_get(signatures_of(document), 0), "keyid", json_string(odd_id));
	tuf_repository_put_json(&site->repository, "metadata/timestamp.json", document);
	assert_refreshes(site);
}

TEST_CASE(test_refuses_thresholds_below_one)
{
	static const int bad[] = {0, -1};
	struct tuf_site *site = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		tuf_repository_set_threshold(&site->repository, "root", "snapshot", bad[i]);
		tuf_repository_set_version(&site->repository, "root", 2);
		tuf_repository_publish(&site->repository, "root");
		assert_refresh_refused(site, "malformed metadata: root: role snapshot: member 'threshold'");
	}
}

TEST_CASE(test_refuses_listed_versions_below_one)
{
	struct tuf_site *site = *state;
	json_t *meta = tuf_repository_member(&site->repository, "timestamp", "meta");

	json_object_set_new(json_object_get(meta, "snapshot.json"), "version", json_integer(0));
	tuf_repository_bump(&site->repository, "timestamp");
	assert_refresh_refused(site, "malformed metadata: timestamp: meta: snapshot.json: member 'version'");
}

TEST_CASE(test_the_character_zero_in_a_string_is_signed_like_any_other)
{
	struct tuf_site *site = *state;

	json_object_set_new(tuf_repository_body(&site->repository, "timestamp"), "x-note", json_stringn("a\0b", 3));
	tuf_repository_bump(&site->repository, "timestamp");
	assert_refreshes(site);
}

/* Fills an array up to COUNT with what MAKE makes of numbers. */
static void fill(json_t *array, size_t count, json_t *(*make)(const char *id))
{
	char id[SHA256_HEX_SIZE];

	for (size_t i = json_array_size(array); i < count; i++) {
		(void)snprintf(id, sizeof(id), "%064zx", i);
		json_array_append_new(array, make(id));
	}
}

static json_t *made_signature(const char *id)
{
	return json_pack("{s:s, s:s}", "keyid", id, "sig", "00");
}

/* The key that signs is listed first; its signature comes last, behind those of all the others. */
static void serve_many(struct tuf_site *site, size_t key_ids, size_t signatures)
{
	struct tuf_repository *repository = &site->repository;
	json_t *appointment = tuf_repository_appointment(repository, "root", "timestamp");
	AUTO(json) json_t *document = NULL;
	json_t *list, *real;

	fill(json_object_get(appointment, "keyids"), key_ids, json_string);
	tuf_repository_bump(repository, "root");
	document = tuf_repository_document(repository, "timestamp");
	list = json_object_get(document, "signatures");
	real = json_incref(json_array_get(list, 0));
	fill(list, signatures, made_signature);
	json_array_remove(list, 0);
	json_array_append_new(list, real);
	tuf_repository_put_json(repository, "metadata/timestamp.json", document);
}

TEST_CASE(test_finds_the_one_signature_that_counts_among_as_many_as_there_may_be)
{
	struct tuf_site *site = *state;

	serve_many(site, METADATA_KEY_IDS_MAX, 100); /* root and timestamp have limits in bytes too */
	assert_refreshes(site);
}

TEST_CASE(test_refuses_more_key_ids_than_any_role_needs)
{
	struct tuf_site *site = *state;

	serve_many(site, METADATA_KEY_IDS_MAX + 1, 1);
	assert_refresh_refused(site, "malformed metadata: root: role timestamp: 1025 key ids; 1024 are allowed");
}

TEST_CASE(test_refuses_more_signatures_than_any_document_needs)
{
	struct tuf_site *site = *state;
	AUTO(json) json_t *document = tuf_repository_document(&site->repository, "snapshot");

	fill(json_object_get(document, "signatures"), METADATA_SIGNATURES_MAX + 1, made_signature);
	tuf_repository_put_json(&site->repository, "metadata/1.snapshot.json", document);
	assert_refresh_refused(site, "malformed metadata: snapshot: 1025 signatures; 1024 are allowed");
}

/* What kept a client at work for minutes: each signature was looked up among all listed ids. */
TEST_CASE(test_a_delegation_to_300000_keys_is_refused_before_any_signature_is_looked_at)
{
	struct tuf_site *site = *state;
	struct tuf_repository *repository = &site->repository;

	repository->list_contents = true;
	tuf_repository_delegate(repository, "targets", "vendor", "v/*", true);
	fill(json_object_get(tuf_repository_appointment(repository, "targets", "vendor"), "keyids"), 300000,
		json_string);
	tuf_repository_publish(repository, "vendor");
	tuf_repository_bump_targets(repository);
	assert_refresh_refused(site, "delegation to 'vendor': 300000 key ids; 1024 are allowed");
}

TESTS(tuf_site_setup, tuf_site_teardown)
