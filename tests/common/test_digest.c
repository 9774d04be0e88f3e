#include "tests/support/test.h"

#include "common/digest.h"
#include "common/hex.h"

/* FIPS 180-2, "abc". */
static const char sha256_abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char sha512_abc[] = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
				 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

TEST_CASE(test_agrees_with_the_standard)
{
	struct sha256 digest;
	char text[SHA256_HEX_SIZE];

	sha256_of("abc", 3, &digest);
	assert_string_equal(sha256_hex(&digest, text), sha256_abc);
}

TEST_CASE(test_pieces_give_the_digest_of_the_whole)
{
	static const char *const abc[DIGEST_KINDS] = {[DIGEST_SHA256] = sha256_abc, [DIGEST_SHA512] = sha512_abc};

	for (int kind = 0; kind < DIGEST_KINDS; kind++) {
		unsigned char bytes[DIGEST_MOST_BYTES];
		char text[2 * DIGEST_MOST_BYTES + 1];
		struct error err = {0};
		AUTO(digest) struct digest *digest = digest_new((enum digest_kind)kind, &err);

		assert_non_null(digest);
		assert_non_null(abc[kind]); /* each that is listed has its line above */
		for (int round = 0; round < 2; round++) { /* finishing begins anew */
			digest_update(digest, "a", 1);
			digest_update(digest, "", 0);
			digest_update(digest, "bc", 2);
			digest_finish(digest, bytes);
			hex_encode(bytes, digest_size((enum digest_kind)kind), text);
			assert_string_equal(text, abc[kind]);
		}
	}
}

TEST_CASE(test_reads_back_what_it_writes)
{
	struct sha256 digest, other;
	struct error err = {0};

	assert_ok(sha256_parse(sha256_abc, &digest, &err), &err);
	sha256_of("abc", 3, &other);
	assert_true(sha256_equal(&digest, &other));
	other.bytes[31] ^= 1;
	assert_false(sha256_equal(&digest, &other));
}

TEST_CASE(test_refuses_a_digest_of_another_length)
{
	struct sha256 digest;
	struct error err = {0};

	assert_int_equal(sha256_parse(sha512_abc, &digest, &err), -1);
	assert_error(&err, ERROR_INPUT, "SHA-256: 128 hexadecimal digits");
	assert_int_equal(sha256_parse(sha256_abc + 1, &digest, &err), -1);
}

TESTS(NULL, NULL)
