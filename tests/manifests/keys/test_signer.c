#include "tests/support/test.h"

#include "manifests/keys/canonical_json.h"
#include "manifests/keys/key.h"
#include "manifests/keys/signer.h"

static const enum key_kind every_kind[] = {KEY_ED25519, KEY_ECDSA_P256, KEY_RSA_PSS};

static struct signer *generate(enum key_kind kind)
{
	struct error err;
	struct signer *signer = signer_generate(kind, &err);

	if (!signer)
		fail_msg("%s", err.text);
	return signer;
}

static struct key *public_key_of(const struct signer *signer)
{
	AUTO(json) json_t *object = NULL;
	struct key *key = NULL;
	struct error err;

	if (!(object = signer_public_key(signer, &err)) || !(key = key_parse(object, &err)))
		fail_msg("%s", err.text);
	return key;
}

TEST_CASE(test_signatures_of_every_kind_hold_for_these_bytes_and_no_others)
{
	for (size_t i = 0; i < ARRAY_SIZE(every_kind); i++) {
		AUTO(signer) struct signer *signer = generate(every_kind[i]);
		AUTO(key) struct key *key = public_key_of(signer);
		AUTO(buf) struct buf signature = BUF_INIT(4096);
		struct error err;

		assert_ok(signer_sign(signer, "release", 7, &signature, &err), &err);
		assert_true(key_verify(key, "release", 7, signature.data));
		assert_false(key_verify(key, "releasE", 7, signature.data));
		assert_false(key_verify(key, "release", 6, signature.data));
	}
}

TEST_CASE(test_a_key_id_is_the_sha256_of_the_canonical_public_key)
{
	AUTO(signer) struct signer *signer = generate(KEY_ED25519);
	AUTO(buf) struct buf canonical = BUF_INIT(4096);
	AUTO(json) json_t *object = NULL;
	char hex[SHA256_HEX_SIZE];
	struct sha256 digest;
	struct error err;

	object = signer_public_key(signer, &err);
	assert_ok(canonical_json_write(object, &canonical, &err), &err);
	sha256_of(canonical.data, canonical.len, &digest);
	assert_string_equal(signer_key_id(signer), sha256_hex(&digest, hex));
}

TEST_CASE(test_a_written_key_reads_back_as_the_same_key)
{
	for (size_t i = 0; i < ARRAY_SIZE(every_kind); i++) {
		AUTO(signer) struct signer *signer = generate(every_kind[i]);
		AUTO(signer) struct signer *again = NULL;
		AUTO(secret) struct buf pem = BUF_INIT(65536);
		struct error err;

		assert_ok(signer_write(signer, NULL, &pem, &err), &err);
		assert_non_null(strstr(pem.data, "-----BEGIN PRIVATE KEY-----"));
		again = signer_read(pem.data, pem.len, NULL, &err);
		assert_non_null(again);
		assert_string_equal(signer_key_id(again), signer_key_id(signer));
	}
}

TEST_CASE(test_an_encrypted_key_opens_with_its_passphrase_only)
{
	AUTO(signer) struct signer *signer = generate(KEY_ECDSA_P256);
	AUTO(signer) struct signer *again = NULL;
	AUTO(secret) struct buf pem = BUF_INIT(65536);
	AUTO(secret) struct buf right = BUF_INIT(64);
	AUTO(secret) struct buf wrong = BUF_INIT(64);
	struct error err;

	assert_ok(buf_append(&right, "correct horse", 13, &err), &err);
	assert_ok(buf_append(&wrong, "correct house", 13, &err), &err);
	assert_ok(signer_write(signer, &right, &pem, &err), &err);
	assert_non_null(strstr(pem.data, "-----BEGIN ENCRYPTED PRIVATE KEY-----"));

	assert_null(signer_read(pem.data, pem.len, &wrong, &err));
	assert_error(&err, ERROR_INPUT, "does not open");
	assert_null(signer_read(pem.data, pem.len, NULL, &err));
	assert_error(&err, ERROR_INPUT, "its passphrase is needed");
	again = signer_read(pem.data, pem.len, &right, &err);
	assert_non_null(again);
	assert_string_equal(signer_key_id(again), signer_key_id(signer));
}

TEST_CASE(test_refuses_what_is_no_private_key)
{
	static const char damaged[] = "-----BEGIN PRIVATE KEY-----\n"
				      "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAKrKpnfqR1rHJTpDLX\n"
				      "not a key at all\n"
				      "-----END PRIVATE KEY-----\n";
	struct error err;

	assert_null(signer_read(NULL, 0, NULL, &err)); /* as an empty file is read */
	assert_error(&err, ERROR_INPUT, "not a private key");
	assert_null(signer_read(damaged, strlen(damaged), NULL, &err));
	assert_error(&err, ERROR_INPUT, "not a private key");
	assert_null(signer_read("", 0, NULL, &err));
	assert_error(&err, ERROR_INPUT, "not a private key");
}

TESTS(NULL, NULL)
