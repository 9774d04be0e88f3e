#include "tests/support/test.h"

#include "manifests/keys/key.h"

/* Keys and their signatures over "release", made with the openssl command. */
static const char p384_public[] = "-----BEGIN PUBLIC KEY-----\n"
				  "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEzw8s053WQoarRrtYRqcVV2IsqaXwAZ1y\n"
				  "PNjPdcQs9WdoQ5upOkrNGGYeWOEi/JyzU4+iFBbSBoQXUIFJI3JveeCTDkxsTrBy\n"
				  "+PaS5nI+3+igyudm+pJCKlV9TMm5qLZg\n"
				  "-----END PUBLIC KEY-----\n";
static const char p384_signature[] =
	"3066023100ec39e2b080bc1c8f400d9ac7022a41068796c1cdb7477373fda188b90bf9b1f2aa3b9a372a9c0692448589"
	"6cddba8445023100b736b667049a20e1447855dd63d2b481f0e601b3fef6c73ac9eb467d5c0285e88e87d0f103fdf054"
	"9acc85f74732c0f7";
static const char p256_public[] = "-----BEGIN PUBLIC KEY-----\n"
				  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjEs7vDYsbHJcCsFPM+2K4/n9VhOm\n"
				  "lLFbtvDsMrj1Q8AzoBnj1JZotyawA6j1f9a0fwrW5TfFZDPvsMS4MB/Pbg==\n"
				  "-----END PUBLIC KEY-----\n";
static const char p256_public_compressed[] = "-----BEGIN PUBLIC KEY-----\n"
					     "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACjEs7vDYsbHJcCsFPM+2K4/n9VhOm\n"
					     "lLFbtvDsMrj1Q8A=\n"
					     "-----END PUBLIC KEY-----\n";
static const char p256_public_explicit[] = "-----BEGIN PUBLIC KEY-----\n"
					   "MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA\n"
					   "AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////\n"
					   "///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd\n"
					   "NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5\n"
					   "RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA\n"
					   "//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABCptoZQoZN5/CGEV10B7hrEK\n"
					   "5h/KAoiB+nJTNbNggQ0Zthcy1W5T9k43baicK2N6J2r7qcWX9wAw03xV87GsogQ=\n"
					   "-----END PUBLIC KEY-----\n";
static const char p256_signature[] =
	"3045022074a16e59fa1b1cd5edc16cba1db27b3966f4e77da5455e569915eb8b20a511e1022100b9bc319be89c98a103"
	"066270dc9fd7bd0e20cb89f90e4bbd75c840856f938a2a";
static const char rsa1024_public[] = "-----BEGIN PUBLIC KEY-----\n"
				     "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCzI9BqcTAC2828uObYIsJWI7zx\n"
				     "BDB7Saw/hACa/wIUDK619f4gSveE1UUcjX/at/3saDajEq3u6KHunTL2imKQ0/MD\n"
				     "5TXw6FgkhgD3QLaNVo8kqtEmn1Rs4tcTxobp7LDuv/vmcWpB2QEx8DGbpMKuIXx6\n"
				     "JvHACbkgZQ/qpyjTrwIDAQAB\n"
				     "-----END PUBLIC KEY-----\n";
static const char rsa2048_public[] = "-----BEGIN PUBLIC KEY-----\n"
				     "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuOBTHHjLBNdHDdO+8axR\n"
				     "2iJ4Rr1o4nT5e6QFx2KqdLQ75LjLccCJWOG8VmQrYQv0yxjmyL57VBQtSHWQYXGO\n"
				     "JdvKI4OkZx1fHV4mcPAQ/UPxwkI8YD4sKpSVC9hVopmi6z9pl2p5Ru+VLEc9lBWT\n"
				     "MIqQzQjHojjsj/lGaCI9+V5UQAu9nZa6Zj3C3Fj2OO1WT09qz6QCwxhUf4B/++5K\n"
				     "Yp+LBSRbq6ELesF1WDPIAQ0tYoTGNwURMPxNlVXed4tGPMo4kcFe37cARONuGH0C\n"
				     "5aka1kCFqVUhQIjSSdK3FsICC1jV3o5EPnql9l3gTKyJ21Zw8mZxUGkcZCzbKaL0\n"
				     "RwIDAQAB\n"
				     "-----END PUBLIC KEY-----\n";
/* The same key as PKCS #1 has it. */
static const char rsa2048_public_pkcs1[] = "-----BEGIN RSA PUBLIC KEY-----\n"
					   "MIIBCgKCAQEAuOBTHHjLBNdHDdO+8axR2iJ4Rr1o4nT5e6QFx2KqdLQ75LjLccCJ\n"
					   "WOG8VmQrYQv0yxjmyL57VBQtSHWQYXGOJdvKI4OkZx1fHV4mcPAQ/UPxwkI8YD4s\n"
					   "KpSVC9hVopmi6z9pl2p5Ru+VLEc9lBWTMIqQzQjHojjsj/lGaCI9+V5UQAu9nZa6\n"
					   "Zj3C3Fj2OO1WT09qz6QCwxhUf4B/++5KYp+LBSRbq6ELesF1WDPIAQ0tYoTGNwUR\n"
					   "MPxNlVXed4tGPMo4kcFe37cARONuGH0C5aka1kCFqVUhQIjSSdK3FsICC1jV3o5E\n"
					   "Pnql9l3gTKyJ21Zw8mZxUGkcZCzbKaL0RwIDAQAB\n"
					   "-----END RSA PUBLIC KEY-----\n";
static const char pkcs1_signature[] =
	"80a30e788f9501ebd599b05a409417e629c3cd0367f12a67d85e8ad648d1f58823c7d3a824860985260e0be2e1869514"
	"d839fa2092ed230a09764b282a1e2acf2f6bb32b6c67e8be83bf667cbf2774fa7217cd6b9d8b56b45d55d26557c78849"
	"907a7bfa39985aa7dd3a086c8be5b5d2846f8109c35397d02ffef433713502a25e4e82f84a33e43107e66084d99b3260"
	"48862992ce2144d4a750cc72099fce1f078883559470dde9939d5aa2419976a3a1cdca4a26c548443e760f82f853a64f"
	"a9f1c833c15e2d18a3b289091796778e993e2ce3d3cdb7eb006eaea6fa3359473fc565b899af46fd66381921d60a3bb5"
	"c1e5e0fa4f79ac4c657e83d3d6f93f84";
static const char pss_signature_without_salt[] =
	"b4073e09c3db48f2edfbbe3a8959570fa4a233276735ed48463f692904aa90653a69b5571060f72c9a48e6fc18ab8493"
	"955414a2bfbc3631aa963b0aa1b12c6bff1ba9de40a4fbe4b50b219c1194f5f2008a981241b381b74a03d98efb2099d6"
	"7a36817acda46f20bef6438c7c4a0ba06162dbbb3a0b3a1a927daa2ff712bfa424d67cfa6a54d0847d679626003213f2"
	"a4a1daeaaec5e99add40fd8e0859163693818e477fd0fc82d927170ded96ea1cf07eb0998f9811b88ff56008a4362b6c"
	"858857d39b87eaf7d2d1de7f0880f7713541d7fc0fc7fc3f4fc192b6128715580de72eb7dc3c7f3b02386bb6457ba3cb"
	"396c28469bc040222d9b2b9825195778";
static const char pss_signature_with_longest_salt[] =
	"8871cd0009bd8b0eb034571b5e36bc43734c1251884777ce96dea8de38fe7228575fb97094100f4160ef6eb45959d583"
	"d80bbfa221e5591646733e62633e9b3793bc068e408418bc739a8501c1a7d723fd89b91432b3ca06b21a58656954e42f"
	"6ad39172e65a69cb9cf2034458d1f7442f941166ef38656b5bc8c7b5e49e76b0476af8d7b8063a7e9710d27eab168381"
	"a8e8fcaad27bcce0dc46e8cb6e185ea278b5d9ca7530feb9a5ea2f1493e2f6f0a56f822886371caada03a15319e068da"
	"cc2a58b3c92b890a005b2173230737995e8fe63f20faa4980db0c82bf97d45b6cb2dada7f59a2ef89c416c7695d817d6"
	"1457b3da321f2982843256d4e7d01fb4";

/* RFC 8032, 7.1, test 2: the signature over the one byte 0x72. */
static const char ed25519_public[] = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
static const char ed25519_signature[] = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
					"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

static json_t *key_object(const char *keytype, const char *scheme, const char *public_text)
{
	return json_pack(
		"{s:s, s:s, s:{s:s}}", "keytype", keytype, "scheme", scheme, "keyval", "public", public_text);
}

static struct key *parse(const char *keytype, const char *scheme, const char *public_text)
{
	AUTO(json) json_t *object = key_object(keytype, scheme, public_text);
	struct error err;
	struct key *key = key_parse(object, &err);

	if (!key)
		fail_msg("%s %s: %s", keytype, scheme, err.text);
	return key;
}

static void assert_refused(const char *keytype, const char *scheme, const char *public_text, const char *why)
{
	AUTO(json) json_t *object = key_object(keytype, scheme, public_text);
	struct error err;

	assert_null(key_parse(object, &err));
	assert_error(&err, ERROR_INPUT, why);
}

TEST_CASE(test_verifies_ed25519)
{
	AUTO(key) struct key *key = parse("ed25519", "ed25519", ed25519_public);

	assert_true(key_verify(key, "\x72", 1, ed25519_signature));
	assert_false(key_verify(key, "\x73", 1, ed25519_signature));
}

TEST_CASE(test_verifies_ecdsa_p256_under_both_of_its_keytypes)
{
	AUTO(key) struct key *key = parse("ecdsa", "ecdsa-sha2-nistp256", p256_public);
	AUTO(key) struct key *old = parse("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", p256_public);

	assert_true(key_verify(key, "release", 7, p256_signature));
	assert_true(key_verify(old, "release", 7, p256_signature));
	assert_false(key_verify(key, "relaxes", 7, p256_signature));
}

TEST_CASE(test_verifies_ecdsa_p384)
{
	AUTO(key) struct key *key = parse("ecdsa", "ecdsa-sha2-nistp384", p384_public);

	assert_true(key_verify(key, "release", 7, p384_signature));
	assert_false(key_verify(key, "relaxes", 7, p384_signature));
}

TEST_CASE(test_verifies_rsa_pss_whatever_the_salt_length)
{
	AUTO(key) struct key *key = parse("rsa", "rsassa-pss-sha256", rsa2048_public);

	assert_true(key_verify(key, "release", 7, pss_signature_without_salt));
	assert_true(key_verify(key, "release", 7, pss_signature_with_longest_salt));
	assert_false(key_verify(key, "release", 7, pkcs1_signature));
}

TEST_CASE(test_reads_an_rsa_key_in_either_of_its_pem_forms)
{
	AUTO(key) struct key *key = parse("rsa", "rsassa-pss-sha256", rsa2048_public_pkcs1);
	AUTO(key) struct key *same = parse("rsa", "rsassa-pss-sha256", rsa2048_public);

	assert_true(key_verify(key, "release", 7, pss_signature_without_salt));
	assert_true(key_equal(key, same));
	assert_refused("ecdsa", "ecdsa-sha2-nistp256", rsa2048_public_pkcs1, "not a key for ecdsa-sha2-nistp256");
}

/* As Windows, or whoever pastes text, leaves it. */
TEST_CASE(test_reads_pem_with_other_line_ends)
{
	char text[2 * sizeof(p256_public)];
	char *at = text;

	for (const char *c = p256_public; *c; c++) {
		if (*c == '\n')
			*at++ = '\r';
		*at++ = *c;
	}
	*at = '\0';
	key_free(parse("ecdsa", "ecdsa-sha2-nistp256", text));
	text[strlen(text) - 2] = '\0';
	key_free(parse("ecdsa", "ecdsa-sha2-nistp256", text));
}

TEST_CASE(test_verifies_rsa_pkcs1_only_under_its_own_scheme)
{
	AUTO(key) struct key *key = parse("rsa", "rsa-pkcs1v15-sha256", rsa2048_public);

	assert_true(key_verify(key, "release", 7, pkcs1_signature));
	assert_false(key_verify(key, "release", 7, pss_signature_without_salt));
}

TEST_CASE(test_a_misshapen_signature_does_not_hold)
{
	AUTO(key) struct key *key = parse("ed25519", "ed25519", ed25519_public);
	char text[sizeof(ed25519_signature) + 2];

	assert_false(key_verify(key, "\x72", 1, ""));
	assert_false(key_verify(key, "\x72", 1, "9"));
	assert_false(key_verify(key, "\x72", 1, "92a0"));
	assert_false(key_verify(key, "\x72", 1, "zz"));
	memcpy(text, ed25519_signature, sizeof(ed25519_signature));
	memcpy(text + sizeof(ed25519_signature) - 1, "00", 3);
	assert_false(key_verify(key, "\x72", 1, text));
}

TEST_CASE(test_refuses_a_key_that_is_not_what_its_scheme_says)
{
	assert_refused("ecdsa", "ecdsa-sha2-nistp256", p384_public, "not a key on the curve");
	assert_refused("ecdsa", "ecdsa-sha2-nistp256", p256_public_explicit, "not a key on the curve");
	assert_refused("ecdsa", "ecdsa-sha2-nistp384", p256_public, "not a key on the curve");
	assert_refused("ecdsa", "ecdsa-sha2-nistp256", rsa2048_public, "not a key for ecdsa-sha2-nistp256");
	assert_refused("rsa", "rsassa-pss-sha256", p256_public, "not a key for rsassa-pss-sha256");
	assert_refused("ed25519", "ed25519", "3d40", "4 hexadecimal digits");
	assert_refused("ed25519", "ed25519", p256_public, "hexadecimal");
	assert_refused("ecdsa", "ecdsa-sha2-nistp256", "", "not a public key");
}

TEST_CASE(test_refuses_a_weak_rsa_key)
{
	assert_refused("rsa", "rsassa-pss-sha256", rsa1024_public, "an RSA key of 1024 bits");
}

TEST_CASE(test_refuses_unknown_schemes_and_mismatched_pairs)
{
	assert_refused("ed448", "ed448", ed25519_public, "not known");
	assert_refused("rsa", "ed25519", rsa2048_public, "not known");
	assert_refused("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", p384_public, "not known");
}

TEST_CASE(test_refuses_a_key_without_its_members)
{
	static const char *const texts[] = {
		"{}",
		"{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\"}",
		"{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":\"x\"}",
		"{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":{\"public\":1}}",
		"{\"keytype\":1,\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"\"}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(json) json_t *object = json_parse(texts[i], strlen(texts[i]), NULL);
		struct error err;

		assert_null(key_parse(object, &err));
		assert_error(&err, ERROR_INPUT, "member");
	}
}

TEST_CASE(test_a_key_equals_itself_however_it_is_spelled)
{
	AUTO(key) struct key *p256 = parse("ecdsa", "ecdsa-sha2-nistp256", p256_public);
	AUTO(key) struct key *compressed = parse("ecdsa", "ecdsa-sha2-nistp256", p256_public_compressed);
	AUTO(key) struct key *pss = parse("rsa", "rsassa-pss-sha256", rsa2048_public);
	AUTO(key) struct key *pkcs1 = parse("rsa", "rsa-pkcs1v15-sha256", rsa2048_public);
	AUTO(key) struct key *ed25519 = parse("ed25519", "ed25519", ed25519_public);

	assert_true(key_equal(p256, compressed));
	assert_true(key_equal(pss, pkcs1));
	assert_false(key_equal(p256, pss));
	assert_false(key_equal(p256, ed25519));
}

TEST_CASE(test_a_key_id_covers_unknown_members)
{
	AUTO(json) json_t *object = key_object("ed25519", "ed25519", ed25519_public);
	char plain[KEY_ID_SIZE], annotated[KEY_ID_SIZE];
	struct error err;

	assert_ok(key_id_of(object, plain, &err), &err);
	assert_int_equal(json_object_set_new(object, "keyid_hash_algorithms", json_string("odd")), 0);
	assert_ok(key_id_of(object, annotated, &err), &err);
	assert_string_not_equal(plain, annotated);
	assert_ok(key_check_id(object, annotated, &err), &err);
	assert_int_equal(key_check_id(object, plain, &err), -1);
	assert_error(&err, ERROR_REFUSED, "wrong key");
}

TEST_CASE(test_a_key_under_the_id_of_another_is_refused)
{
	AUTO(json) json_t *object = key_object("ed25519", "ed25519", ed25519_public);
	AUTO(json) json_t *other = key_object("rsa", "rsassa-pss-sha256", rsa2048_public);
	char id[KEY_ID_SIZE];
	struct error err;

	assert_ok(key_id_of(other, id, &err), &err);
	assert_int_equal(key_check_id(object, id, &err), -1);
	assert_error(&err, ERROR_REFUSED, "wrong key");
}

TESTS(NULL, NULL)
