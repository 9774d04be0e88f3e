/* Ed25519 signatures as the collector checks them, by libsodium, beside libcrypto, which checks them everywhere else. */
#include <string.h>

#include "collector/reports/ed25519.h"
#include "common/hex.h"
#include "manifests/keys/key.h"
#include "manifests/keys/signer.h"
#include "tests/support/test.h"

#define SIGNATURE_SIZE 64
#define MESSAGE "a report"

/* A key, and what it signed. */
struct signed_message {
	struct key *key;
	unsigned char signature[SIGNATURE_SIZE];
};

static void make(struct signed_message *ret_made)
{
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, &err);
	unsigned char signature[SIGNER_SIGNATURE_MAX_BYTES];
	json_t *object = signer_public_key(signer, &err);
	size_t len;

	assert_ok(signer_sign_bytes(signer, MESSAGE, strlen(MESSAGE), signature, &len, &err), &err);
	assert_int_equal(len, SIGNATURE_SIZE);
	memcpy(ret_made->signature, signature, SIGNATURE_SIZE);
	assert_non_null(ret_made->key = key_parse(object, &err));
	json_decref(object);
}

static bool verifies(const struct key *key, const char *message, const unsigned char *signature, size_t len)
{
	char hex[2 * SIGNATURE_SIZE + 3];

	hex_encode(signature, len, hex);
	return key_verify(key, message, strlen(message), hex);
}

/* Adds the group's order to S, which RFC 8032, 5.1.7 has a verifier refuse. */
static void add_order(unsigned char *scalar)
{
	static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2,
		0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
	unsigned int carry = 0;

	for (int i = 0; i < 32; i++) {
		carry += scalar[i] + order[i];
		scalar[i] = (unsigned char)carry;
		carry >>= 8;
	}
}

static void check_all(void)
{
	struct signed_message one, other;
	unsigned char changed[SIGNATURE_SIZE + 1] = {0};

	make(&one);
	make(&other);
	assert_true(verifies(one.key, MESSAGE, one.signature, SIGNATURE_SIZE));
	assert_false(verifies(other.key, MESSAGE, one.signature, SIGNATURE_SIZE));
	assert_false(verifies(one.key, MESSAGE "s", one.signature, SIGNATURE_SIZE));
	for (int bit = 0; bit < 8 * SIGNATURE_SIZE; bit++) {
		memcpy(changed, one.signature, SIGNATURE_SIZE);
		changed[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(verifies(one.key, MESSAGE, changed, SIGNATURE_SIZE));
	}
	memcpy(changed, one.signature, SIGNATURE_SIZE);
	assert_false(verifies(one.key, MESSAGE, changed, SIGNATURE_SIZE - 1));
	assert_false(verifies(one.key, MESSAGE, changed, SIGNATURE_SIZE + 1));
	assert_false(verifies(one.key, MESSAGE, changed, 0));
	add_order(changed + 32);
	assert_false(verifies(one.key, MESSAGE, changed, SIGNATURE_SIZE));
	key_free(one.key);
	key_free(other.key);
}

/* The first of all, since there is no way back to libcrypto. */
TEST_CASE(test_both_take_what_the_key_signed_and_nothing_else)
{
	struct error err = {0};

	check_all();
	assert_ok(ed25519_begin(&err), &err);
	check_all();
}

/* Whoever holds no key at all could sign for this one. */
TEST_CASE(test_a_key_that_anybody_can_sign_for_signs_nothing)
{
	static const uint8_t neutral[32] = {1};
	unsigned char signature[SIGNATURE_SIZE] = {1};
	struct error err = {0};
	AUTO(key) struct key *key = key_of_ed25519(neutral, &err);

	assert_ok(ed25519_begin(&err), &err);
	assert_non_null(key);
	assert_false(verifies(key, MESSAGE, signature, SIGNATURE_SIZE));
}

TESTS(NULL, NULL)
