#include "tests/support/test.h"

#include "ledger/note/note.h"
#include "tests/ledger/ledger_fixture.h"

/* The example of Go's package note, and its key. */
#define NEUMANN_KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define NEUMANN_TEXT                                                                                                 \
	"If you think cryptography is the answer to your problem,\n"                                                 \
	"then you don't know what your problem is.\n"
#define NEUMANN_LINE                                                                                                 \
	"\xe2\x80\x94 PeterNeumann "                                                                                 \
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

/* The example of c2sp.org/signed-note, with an empty line in its text. */
#define QUASIMODO                                                                                                    \
	"Ognuno sta solo sul cuor della terra\n"                                                                     \
	"trafitto da un raggio di sole:\n"                                                                           \
	"\n"                                                                                                         \
	"ed \xc3\xa8 subito sera.\n"                                                                                 \
	"\n"                                                                                                         \
	"\xe2\x80\x94 quasimodo.example/salvatore "                                                                  \
	"NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"

static struct vkey neumann(void)
{
	struct vkey key;
	struct error err = {0};

	assert_ok(vkey_parse(SPAN(NEUMANN_KEY), &key, &err), &err);
	return key;
}

TEST_CASE(test_verifies_a_note_that_another_program_signed)
{
	struct vkey key = neumann();
	struct error err = {0};
	struct note note;

	assert_ok(note_parse(SPAN(NEUMANN_TEXT "\n" NEUMANN_LINE), &note, &err), &err);
	assert_int_equal(note_check(&note, &key), NOTE_SIGNED);
	assert_true(span_is(note.text, NEUMANN_TEXT));
}

TEST_CASE(test_parts_text_and_signatures_at_the_last_empty_line)
{
	struct error err = {0};
	struct note note;

	assert_ok(note_parse(SPAN(QUASIMODO), &note, &err), &err);
	assert_int_equal(note.count, 1);
	assert_true(span_is(note.signatures[0].name, "quasimodo.example/salvatore"));
	assert_memory_equal(note.signatures[0].id, "\x36\x7b\xa0\x4b", 4);
	assert_true(note.text.len > 4 && memcmp(note.text.at + note.text.len - 3, "a.\n", 3) == 0);
}

TEST_CASE(test_passes_over_signatures_of_keys_it_does_not_know)
{
	struct vkey key = neumann();
	struct error err = {0};
	struct party other;
	struct note note;

	party_init(&other, "PeterNeumann", VKEY_NOTE); /* the same name, another id */
	assert_ok(note_parse(SPAN(NEUMANN_TEXT "\n\xe2\x80\x94 enoch.example AAAAAAEC\n" NEUMANN_LINE), &note, &err),
		&err);
	assert_int_equal(note.count, 2);
	assert_int_equal(note_check(&note, &key), NOTE_SIGNED);
	assert_int_equal(note_check(&note, &other.key), NOTE_UNSIGNED);
	party_clear(&other);
}

TEST_CASE(test_a_signature_that_does_not_hold_spoils_the_note)
{
	struct vkey key = neumann();
	struct error err = {0};
	struct note note;

	assert_ok(note_parse(SPAN("Another text.\n\n" NEUMANN_LINE), &note, &err), &err);
	assert_int_equal(note_check(&note, &key), NOTE_FORGED);
	assert_ok(
		note_parse(SPAN(NEUMANN_TEXT "\n" NEUMANN_LINE "\xe2\x80\x94 PeterNeumann x08go/ZJ\n"), &note, &err),
		&err);
	assert_int_equal(note_check(&note, &key), NOTE_FORGED);
}

TEST_CASE(test_signs_what_it_verifies)
{
	AUTO(buf) struct buf bytes = BUF_INIT(NOTE_MAX_BYTES);
	struct error err = {0};
	struct party party;
	struct note note;

	party_init(&party, "ledger.example.jp/1", VKEY_NOTE);
	assert_ok(note_sign(SPAN("one\n\ntwo\n"), &party.key, party.signer, &bytes, &err), &err);
	assert_ok(note_parse(span_of(&bytes), &note, &err), &err);
	assert_int_equal(note_check(&note, &party.key), NOTE_SIGNED);
	party_clear(&party);
}

TEST_CASE(test_takes_as_many_signatures_as_verifiers_must)
{
	AUTO(buf) struct buf bytes = BUF_INIT(2 * NOTE_MAX_BYTES);
	struct error err = {0};
	struct note note;

	assert_ok(buf_printf(&bytes, &err, "text\n\n"), &err);
	for (int i = 0; i < 16; i++)
		assert_ok(buf_printf(&bytes, &err, "\xe2\x80\x94 w%d %06400d\n", i, 0), &err);
	assert_ok(note_parse(span_of(&bytes), &note, &err), &err);
	assert_int_equal(note.count, 16);
	for (int i = 16; i <= NOTE_MAX_SIGNATURES; i++)
		assert_ok(buf_printf(&bytes, &err, "\xe2\x80\x94 w%d AAAAAAEC\n", i), &err);
	assert_int_equal(note_parse(span_of(&bytes), &note, &err), -1);
	assert_error(&err, ERROR_REFUSED, "more than 64");
}

TEST_CASE(test_refuses_what_is_no_signed_note)
{
	static const struct {
		const char *bytes, *why;
	} rows[] = {
		{"", "empty line"},
		{"\n", "empty line"},
		{NEUMANN_TEXT, "empty line"},
		{NEUMANN_TEXT "\n", "without signatures"},
		{NEUMANN_TEXT NEUMANN_LINE, "empty line"},
		{NEUMANN_TEXT "\n" NEUMANN_LINE "x", "cut"},
		{NEUMANN_TEXT "\n" NEUMANN_LINE "x\n", "is none"},
		{NEUMANN_TEXT "\n- PeterNeumann x08go/ZJ\n", "is none"},
		{NEUMANN_TEXT "\n\xe2\x80\x94 x08go/ZJ\n", "is none"},
		{NEUMANN_TEXT "\n\xe2\x80\x94 a+b x08go/ZJ\n", "is none"},
		{NEUMANN_TEXT "\n\xe2\x80\x94 a x08go/Z\n", "is none"},
		{NEUMANN_TEXT "\n\xe2\x80\x94 a x08goA==\n", "is none"},
		{NEUMANN_TEXT "\n\xe2\x80\x94 a\xe3\x80\x80z x08go/ZJ\n", "is none"},
		{"a\tb\n\n" NEUMANN_LINE, "control character"},
		{"a\xff\n\n" NEUMANN_LINE, "UTF-8"},
	};
	struct error err;
	struct note note;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(note_parse(SPAN(rows[i].bytes), &note, &err), -1);
		assert_error(&err, ERROR_REFUSED, rows[i].why);
	}
}

TESTS(NULL, NULL)
