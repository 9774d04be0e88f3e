#include "tests/support/test.h"

#include "ledger/note/cosignature.h"
#include "ledger/proof/add_checkpoint.h"
#include "ledger/proof/tlog_proof.h"
#include "tests/ledger/ledger_fixture.h"

#define HASH "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

/* A log of two entries, a policy that names it, and the proof of its first entry. */
struct world {
	struct party log;
	struct policy *policy;
	struct buf note;
	struct tlog_proof proof;
};

static struct policy *policy_of(const struct party *log)
{
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	struct error err = {0};
	struct policy *policy;

	assert_ok(buf_printf(&text, &err, "log "), &err);
	assert_ok(vkey_write(&log->key, &text, &err), &err);
	assert_ok(buf_printf(&text, &err, "\nquorum none\n"), &err);
	assert_non_null(policy = policy_parse(span_of(&text), &err));
	return policy;
}

static int set_up(void **state)
{
	static struct world world; /* one test at a time */
	struct checkpoint checkpoint = {.origin = "log.example", .size = 2};
	struct error err = {0};

	world = (struct world){.note = BUF_INIT(NOTE_MAX_BYTES), .proof = {.index = 0, .path = {.count = 1}}};
	party_init(&world.log, "log.example", VKEY_NOTE);
	world.policy = policy_of(&world.log);
	fixture_root(0, 2, &checkpoint.root);
	fixture_leaf(1, &world.proof.path.hashes[0]);
	assert_ok(checkpoint_sign(&checkpoint, &world.log.key, world.log.signer, &world.note, &err), &err);
	world.proof.checkpoint = span_of(&world.note);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	party_clear(&world->log);
	policy_free(world->policy);
	buf_clear(&world->note);
	return 0;
}

TEST_CASE_WITH(test_a_proof_holds_for_its_entry_and_no_other, set_up, tear_down)
{
	AUTO(buf) struct buf text = BUF_INIT(TLOG_PROOF_MAX_BYTES);
	struct world *world = *state;
	struct policy_verdict verdict;
	struct tlog_proof proof;
	struct error err = {0};
	char entry[32];

	assert_ok(tlog_proof_write(&world->proof, &text, &err), &err);
	assert_ok(tlog_proof_parse(span_of(&text), &proof, &err), &err);
	assert_ok(tlog_proof_check(&proof, fixture_entry(0, entry), world->policy, &verdict, &err), &err);
	assert_int_equal(verdict.checkpoint.size, 2);
	assert_int_equal(tlog_proof_check(&proof, fixture_entry(1, entry), world->policy, &verdict, &err), -1);
	assert_error(&err, ERROR_REFUSED, "does not lead to the root");
	proof.index = 2;
	assert_int_equal(tlog_proof_check(&proof, fixture_entry(0, entry), world->policy, &verdict, &err), -1);
	assert_error(&err, ERROR_REFUSED, "beyond the end");
}

TEST_CASE_WITH(test_a_proof_keeps_what_stands_beside_it, set_up, tear_down)
{
	AUTO(buf) struct buf text = BUF_INIT(TLOG_PROOF_MAX_BYTES);
	struct world *world = *state;
	struct tlog_proof proof;
	struct error err = {0};

	world->proof.extra = SPAN("YWdl");
	assert_ok(tlog_proof_write(&world->proof, &text, &err), &err);
	assert_ok(tlog_proof_parse(span_of(&text), &proof, &err), &err);
	assert_true(span_is(proof.extra, "YWdl"));
	assert_true(span_is(proof.checkpoint, buf_text(&world->note)));
}

TEST_CASE(test_refuses_what_is_no_proof)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "does not begin"},
		{"c2sp.org/tlog-proof@v2\nindex 0\n\n", "does not begin"},
		{"c2sp.org/tlog-proof@v1\n", "of which entry"},
		{"c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\n", "extra"},
		{"c2sp.org/tlog-proof@v1\nindex 00\n\n", "of which entry"},
		{"c2sp.org/tlog-proof@v1\nindex -1\n\n", "of which entry"},
		{"c2sp.org/tlog-proof@v1\nindex 0\nhash\n\n", "no hash"},
		{"c2sp.org/tlog-proof@v1\nindex 0\n" HASH "\n", "ends before"},
	};
	struct tlog_proof proof;
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(tlog_proof_parse(SPAN(rows[i].text), &proof, &err), -1);
		assert_error(&err, ERROR_REFUSED, rows[i].why);
	}
}

/* The request that c2sp.org/tlog-witness shows. */
#define REQUEST                                                                                                      \
	"old 20852014\n"                                                                                             \
	"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"                                                             \
	"jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"                                                             \
	"5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"                                                             \
	"/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"                                                             \
	"\n"                                                                                                         \
	"example.com/behind-the-sofa\n"                                                                              \
	"20852163\n" HASH "\n\n"

TEST_CASE(test_reads_and_writes_what_a_log_asks_of_a_witness)
{
	AUTO(buf) struct buf again = BUF_INIT(ADD_CHECKPOINT_MAX_BYTES);
	struct add_checkpoint request;
	struct error err = {0};

	assert_ok(add_checkpoint_parse(SPAN(REQUEST), &request, &err), &err);
	assert_int_equal(request.old_size, 20852014);
	assert_int_equal(request.path.count, 4);
	assert_ok(add_checkpoint_write(&request, &again, &err), &err);
	assert_string_equal(buf_text(&again), REQUEST);
}

TEST_CASE(test_refuses_what_no_log_may_ask)
{
	AUTO(buf) struct buf many = BUF_INIT(ADD_CHECKPOINT_MAX_BYTES);
	struct add_checkpoint request;
	struct error err = {0};

	assert_ok(buf_printf(&many, &err, "old 1\n"), &err);
	for (int i = 0; i < MERKLE_MAX_PATH; i++)
		assert_ok(buf_printf(&many, &err, HASH "\n"), &err);
	assert_int_equal(add_checkpoint_parse(span_of(&many), &request, &err), -1);
	assert_error(&err, ERROR_REFUSED, "empty line");
	assert_ok(buf_printf(&many, &err, HASH "\n\n"), &err);
	assert_int_equal(add_checkpoint_parse(span_of(&many), &request, &err), -1);
	assert_error(&err, ERROR_REFUSED, "one too many");
	assert_int_equal(add_checkpoint_parse(SPAN("old 01\n\nx"), &request, &err), -1);
	assert_error(&err, ERROR_REFUSED, "'old'");
}

TEST_CASE(test_reads_which_size_a_witness_has)
{
	struct error err = {0};
	uint64_t size = 0;

	assert_ok(add_checkpoint_read_conflict(SPAN("20852014\n"), &size, &err), &err);
	assert_int_equal(size, 20852014);
	assert_int_equal(add_checkpoint_read_conflict(SPAN("20852014"), &size, &err), -1);
	assert_int_equal(add_checkpoint_read_conflict(SPAN("1\n2\n"), &size, &err), -1);
	assert_error(&err, ERROR_REFUSED, "which size");
}

TESTS(NULL, NULL)
