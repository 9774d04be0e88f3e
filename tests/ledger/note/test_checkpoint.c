#include "tests/support/test.h"

#include "ledger/note/checkpoint.h"
#include "ledger/note/cosignature.h"
#include "tests/ledger/ledger_fixture.h"

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

/* The checkpoint that c2sp.org/tlog-checkpoint shows, under the origin for which Go's checksum database signed it. */
#define GO_TEXT "go.sum database tree\n20852163\n" ROOT "\n"
#define GO_KEY "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
#define GO_LINE                                                                                                      \
	"\xe2\x80\x94 sum.golang.org "                                                                               \
	"Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"

TEST_CASE(test_verifies_a_checkpoint_of_gos_checksum_database)
{
	struct checkpoint checkpoint;
	struct error err = {0};
	struct note note;
	struct vkey key;

	assert_ok(vkey_parse(SPAN(GO_KEY), &key, &err), &err);
	assert_ok(note_parse(SPAN(GO_TEXT "\n" GO_LINE), &note, &err), &err);
	assert_int_equal(note_check(&note, &key), NOTE_SIGNED);
	assert_ok(checkpoint_parse(note.text, &checkpoint, &err), &err);
	assert_string_equal(checkpoint.origin, "go.sum database tree");
	assert_int_equal(checkpoint.size, 20852163);
	assert_int_equal(checkpoint.root.bytes[0], 0x0a);
}

TEST_CASE(test_opens_only_what_the_log_signed_under_its_own_name)
{
	AUTO(buf) struct buf own = BUF_INIT(NOTE_MAX_BYTES), foreign = BUF_INIT(NOTE_MAX_BYTES);
	struct checkpoint made = {.origin = "log.example", .size = 3}, read;
	struct error err = {0};
	struct party log, other;
	struct note note;

	party_init(&log, "log.example", VKEY_NOTE);
	party_init(&other, "other.example", VKEY_NOTE);
	assert_ok(checkpoint_sign(&made, &log.key, log.signer, &own, &err), &err);
	assert_ok(checkpoint_open(span_of(&own), &log.key, &read, &note, &err), &err);
	assert_int_equal(read.size, 3);
	assert_int_equal(checkpoint_open(span_of(&own), &other.key, &read, &note, &err), -1);
	assert_error(&err, ERROR_REFUSED, "'other.example' has not signed");
	assert_ok(checkpoint_sign(&made, &other.key, other.signer, &foreign, &err), &err);
	assert_int_equal(checkpoint_open(span_of(&foreign), &other.key, &read, &note, &err), -1);
	assert_error(&err, ERROR_REFUSED, "signed by 'other.example'");
	party_clear(&log);
	party_clear(&other);
}

TEST_CASE(test_refuses_what_is_no_checkpoint)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "first line"},
		{"\n1\n" ROOT "\n", "first line"},
		{"log\n01\n" ROOT "\n", "second line"},
		{"log\n\n" ROOT "\n", "second line"},
		{"log\n-1\n" ROOT "\n", "second line"},
		{"log\n9223372036854775808\n" ROOT "\n", "second line"},
		{"log\n1\n", "third line"},
		{"log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", "third line"},
		{"log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n", "third line"},
		{"log\n1\n" ROOT "\n\nextension\n", "empty line"},
		{"log\n1\n" ROOT "\nextension", "not ended"},
	};
	struct checkpoint checkpoint;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(checkpoint_parse(SPAN(rows[i].text), &checkpoint, &err), -1);
		assert_error(&err, ERROR_REFUSED, rows[i].why);
	}
	assert_ok(checkpoint_parse(SPAN("log\n9223372036854775807\n" ROOT "\nextension\n"), &checkpoint, &err), &err);
}

/* The cosignature that c2sp.org/tlog-cosignature shows says the time that stands in it. */
TEST_CASE(test_a_cosignature_says_when_the_witness_saw_it)
{
	AUTO(buf) struct buf bytes = BUF_INIT(NOTE_MAX_BYTES);
	struct party witness;
	struct error err = {0};
	int64_t time_s = 0;
	struct note note;

	party_init(&witness, "witness.example.com/w1", VKEY_COSIGNATURE);
	assert_ok(buf_printf(&bytes, &err, "%s\n", GO_TEXT), &err);
	assert_ok(cosignature_sign(SPAN(GO_TEXT), 1679315147, &witness.key, witness.signer, &bytes, &err), &err);
	assert_ok(note_parse(span_of(&bytes), &note, &err), &err);
	assert_int_equal(cosignature_check(&note, &witness.key, &time_s), NOTE_SIGNED);
	assert_int_equal(time_s, 1679315147);
	party_clear(&witness);
}

/* The same key over the note's text, without the time, is no cosignature; nor is one with another time. */
TEST_CASE(test_refuses_a_cosignature_over_anything_else)
{
	AUTO(buf) struct buf plain = BUF_INIT(NOTE_MAX_BYTES), other = BUF_INIT(NOTE_MAX_BYTES);
	struct party witness;
	struct error err = {0};
	int64_t time_s = 7;
	struct note note;

	party_init(&witness, "witness.example.com/w1", VKEY_COSIGNATURE);
	assert_ok(note_sign(SPAN(GO_TEXT), &witness.key, witness.signer, &plain, &err), &err);
	assert_ok(note_parse(span_of(&plain), &note, &err), &err);
	assert_int_equal(cosignature_check(&note, &witness.key, &time_s), NOTE_FORGED);
	assert_int_equal(note_check(&note, &witness.key), NOTE_FORGED);
	assert_ok(buf_printf(&other, &err, "%s\n", GO_TEXT), &err);
	assert_ok(cosignature_sign(SPAN("another\n"), 1, &witness.key, witness.signer, &other, &err), &err);
	assert_ok(note_parse(span_of(&other), &note, &err), &err);
	assert_int_equal(cosignature_check(&note, &witness.key, &time_s), NOTE_FORGED);
	assert_int_equal(time_s, 7);
	party_clear(&witness);
}

TESTS(NULL, NULL)
