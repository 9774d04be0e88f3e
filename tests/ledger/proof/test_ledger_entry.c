#include "tests/support/test.h"

#include "ledger/proof/ledger_entry.h"
#include "tests/ledger/ledger_fixture.h"

#define A "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo="
#define A_HEX "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "zMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMw="
#define ENTRY                                                                                                        \
	"{\"form\":\"haishin-ledger-entry-1\",\"head\":\"" C "\",\"report\":7,\"rows\":120,\"sha256\":\"" B          \
	"\",\"terminal\":\"" A "\"}"

TEST_CASE(test_reads_and_writes_the_one_form)
{
	AUTO(buf) struct buf again = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	struct ledger_entry entry;
	struct error err = {0};

	assert_ok(ledger_entry_parse(SPAN(ENTRY), &entry, &err), &err);
	assert_string_equal(entry.terminal, A_HEX);
	assert_int_equal(entry.report, 7);
	assert_int_equal(entry.digest.bytes[0], 0xbb);
	assert_int_equal(entry.rows, 120);
	assert_int_equal(entry.head.bytes[31], 0xcc);
	assert_ok(ledger_entry_write(&entry, &again, &err), &err);
	assert_string_equal(buf_text(&again), ENTRY);
}

/* With its length in the bundle, its hash, and its share of the hashes above. */
TEST_CASE(test_a_report_takes_at_most_300_bytes_of_the_ledger)
{
	AUTO(buf) struct buf bytes = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	struct ledger_entry entry = {.terminal = A_HEX, .report = 9999999, .rows = 99999999};
	struct error err = {0};

	assert_ok(ledger_entry_write(&entry, &bytes, &err), &err);
	assert_true(2 + bytes.len + SHA256_SIZE * 256 / 255 <= 300);
}

TEST_CASE(test_refuses_every_other_way_to_say_the_same)
{
	static const char *const texts[] = {
		"",
		"{}",
		"{\"form\":\"haishin-ledger-entry-2\",\"head\":\"" C "\",\"report\":7,\"rows\":120,\"sha256\":\"" B
		"\",\"terminal\":\"" A "\"}",
		/* a space, another order, hexadecimal, a member more, a zero, a report without a number */
		"{\"form\": \"haishin-ledger-entry-1\",\"head\":\"" C "\",\"report\":7,\"rows\":120,\"sha256\":\"" B
		"\",\"terminal\":\"" A "\"}",
		"{\"head\":\"" C "\",\"form\":\"haishin-ledger-entry-1\",\"report\":7,\"rows\":120,\"sha256\":\"" B
		"\",\"terminal\":\"" A "\"}",
		"{\"form\":\"haishin-ledger-entry-1\",\"head\":\"" C "\",\"report\":7,\"rows\":120,\"sha256\":\"" B
		"\",\"terminal\":\"" A_HEX "\"}",
		"{\"extra\":1,\"form\":\"haishin-ledger-entry-1\",\"head\":\"" C
		"\",\"report\":7,\"rows\":120,\"sha256\":\"" B "\",\"terminal\":\"" A "\"}",
		"{\"form\":\"haishin-ledger-entry-1\",\"head\":\"" C "\",\"report\":0,\"rows\":120,\"sha256\":\"" B
		"\",\"terminal\":\"" A "\"}",
		ENTRY "\n",
	};
	struct ledger_entry entry;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(ledger_entry_parse(SPAN(texts[i]), &entry, &err), -1);
		assert_int_equal(err.code, ERROR_REFUSED);
	}
}

TESTS(NULL, NULL)
