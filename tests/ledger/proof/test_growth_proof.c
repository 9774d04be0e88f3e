/* That a log only grew, as text: what a witness is asked, and a terminal told. */
#include "tests/support/test.h"

#include "ledger/proof/growth_proof.h"
#include "tests/ledger/ledger_fixture.h"

/* Trees of three entries, and of two and one. */
static void make(struct checkpoint *ret_before, struct checkpoint *ret_now, struct buf *ret_text)
{
	struct growth_proof growth = {.old_size = 2, .path = {.count = 1}};
	struct error err = {0};

	*ret_before = (struct checkpoint){.origin = "log", .size = 2};
	*ret_now = (struct checkpoint){.origin = "log", .size = 3};
	fixture_root(0, 2, &ret_before->root);
	fixture_root(0, 3, &ret_now->root);
	fixture_leaf(2, &growth.path.hashes[0]);
	assert_ok(growth_proof_write(&growth, ret_text, &err), &err);
}

TEST_CASE(test_shows_that_a_log_only_grew)
{
	AUTO(buf) struct buf text = BUF_INIT(GROWTH_PROOF_MAX_BYTES);
	struct checkpoint before, now;
	struct error err = {0};

	make(&before, &now, &text);
	assert_ok(growth_proof_check(span_of(&text), &before, &now, &err), &err);
	fixture_root(1, 2, &before.root);
	assert_int_equal(growth_proof_check(span_of(&text), &before, &now, &err), -1);
	assert_int_equal(err.code, ERROR_REFUSED);
	before.size = 1;
	assert_int_equal(growth_proof_check(span_of(&text), &before, &now, &err), -1);
	assert_error(&err, ERROR_REFUSED, "from 2 entries, and was seen at 1");
}

TEST_CASE(test_refuses_what_is_no_such_proof)
{
	static const char *const texts[] = {"", "old", "old 2", "old -2\n", "old 2\nx\n", "old 2\n\n", "new 2\n"};
	AUTO(buf) struct buf text = BUF_INIT(GROWTH_PROOF_MAX_BYTES);
	struct checkpoint before, now;
	struct error err;

	make(&before, &now, &text);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(growth_proof_check(SPAN(texts[i]), &before, &now, &err), -1);
		assert_int_equal(err.code, ERROR_REFUSED);
	}
	text.len--;
	assert_int_equal(growth_proof_check(span_of(&text), &before, &now, &err), -1);
}

TESTS(NULL, NULL)
