#include "tests/support/test.h"

#include "ledger/note/vkey.h"
#include "tests/ledger/ledger_fixture.h"

TEST_CASE(test_writes_what_it_reads)
{
	static const char *const texts[] = {
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
	};
	struct error err = {0};
	struct vkey key;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(buf) struct buf again = BUF_INIT(1024);

		assert_ok(vkey_parse(SPAN(texts[i]), &key, &err), &err);
		assert_ok(vkey_write(&key, &again, &err), &err);
		assert_string_equal(buf_text(&again), texts[i]);
	}
}

TEST_CASE(test_a_key_has_another_id_under_another_name_or_type)
{
	struct vkey cosigner, renamed;
	struct error err = {0};
	struct party party;

	party_init(&party, "one.example", VKEY_NOTE);
	assert_ok(vkey_of_signer(party.signer, "one.example", VKEY_COSIGNATURE, &cosigner, &err), &err);
	assert_ok(vkey_of_signer(party.signer, "two.example", VKEY_NOTE, &renamed, &err), &err);
	assert_memory_not_equal(party.key.id, cosigner.id, VKEY_ID_BYTES);
	assert_memory_not_equal(party.key.id, renamed.id, VKEY_ID_BYTES);
	party_clear(&party);
}

TEST_CASE(test_refuses_what_is_no_key)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "NAME+ID+BASE64"},
		{"a+b", "NAME+ID+BASE64"},
		{"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "not a name"},
		{"Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "not a name"},
		{"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "is c74f20a3"},
		{"PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "is c74f20a3"},
		{"PeterNeumann+c74f20a3+BRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "type 0x05"},
		{"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy", "32 bytes, not 29"},
		{"PeterNeumann+c74f20a3+ARpc2QcUPDhM!egwxbzhKqiBfsVkmqq/LDE4izWy10TW", "not base64"},
		{"PeterNeumann+c74f20a3+", "not base64"},
	};
	struct error err;
	struct vkey key;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(vkey_parse(SPAN(rows[i].text), &key, &err), -1);
		assert_error(&err, ERROR_INPUT, rows[i].why);
	}
}

TEST_CASE(test_wants_a_key_of_the_one_kind_that_ledgers_have)
{
	struct error err = {0};
	AUTO(signer) struct signer *signer = signer_generate(KEY_ECDSA_P256, &err);
	struct vkey key;

	assert_int_equal(vkey_of_signer(signer, "one.example", VKEY_NOTE, &key, &err), -1);
	assert_error(&err, ERROR_INPUT, "Ed25519");
}

TESTS(NULL, NULL)
