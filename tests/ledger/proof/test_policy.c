#include "tests/support/test.h"

#include "ledger/note/cosignature.h"
#include "ledger/proof/policy.h"
#include "ledger/proof/policy_judge.h"
#include "tests/ledger/ledger_fixture.h"

#define WITNESSES 6

/* A log and six witnesses, and the policy that c2sp.org/tlog-policy shows, with their keys. */
struct world {
	struct party log;
	struct party witnesses[WITNESSES];
	struct policy *policy;
};

static const char *const names[WITNESSES] = {"X1", "X2", "X3", "Y1", "Y2", "Y3"};

static void write_key(struct buf *text, const struct vkey *key)
{
	struct error err = {0};

	assert_ok(vkey_write(key, text, &err), &err);
}

static void write_world(const struct world *world, struct buf *text)
{
	struct error err = {0};

	assert_ok(buf_printf(text, &err, "# a policy\n\n  log\t"), &err);
	write_key(text, &world->log.key);
	for (int i = 0; i < WITNESSES; i++) {
		assert_ok(buf_printf(text, &err, "\nwitness %s ", names[i]), &err);
		write_key(text, &world->witnesses[i].key);
		assert_ok(buf_printf(text, &err, " https://%s.example/", names[i]), &err);
	}
	assert_ok(buf_printf(text, &err,
			  "\ngroup X-witnesses 2 X1 X2 X3\ngroup Y-witnesses any Y1 Y2 Y3\n"
			  "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"),
		&err);
}

static int set_up(void **state)
{
	static struct world world; /* one test at a time */
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	struct error err = {0};

	party_init(&world.log, "log.example", VKEY_NOTE);
	for (int i = 0; i < WITNESSES; i++)
		party_init(&world.witnesses[i], names[i], VKEY_COSIGNATURE);
	write_world(&world, &text);
	if (!(world.policy = policy_parse(span_of(&text), &err)))
		fail_msg("%s", err.text);
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	party_clear(&world->log);
	for (int i = 0; i < WITNESSES; i++)
		party_clear(&world->witnesses[i]);
	policy_free(world->policy);
	return 0;
}

/* A checkpoint that the witnesses whose bits are set have cosigned, each at TIME_S and its number. */
static void write_checkpoint(struct world *world, unsigned witnesses, int64_t time_s, struct buf *ret_note)
{
	AUTO(buf) struct buf text = BUF_INIT(1024);
	struct checkpoint checkpoint = {.origin = "log.example", .size = 5};
	struct error err = {0};

	assert_ok(checkpoint_write(&checkpoint, &text, &err), &err);
	assert_ok(checkpoint_sign(&checkpoint, &world->log.key, world->log.signer, ret_note, &err), &err);
	for (int i = 0; i < WITNESSES; i++)
		if (witnesses >> i & 1)
			assert_ok(cosignature_sign(span_of(&text), time_s + i, &world->witnesses[i].key,
					  world->witnesses[i].signer, ret_note, &err),
				&err);
}

TEST_CASE(test_judges_every_set_of_witnesses_as_the_groups_say)
{
	struct world *world = *state;
	struct policy_verdict verdict;

	for (unsigned set = 0; set < 1 << WITNESSES; set++) {
		AUTO(buf) struct buf note = BUF_INIT(NOTE_MAX_BYTES);
		bool enough = __builtin_popcount(set & 7) >= 2 && (set & 070);
		struct error err = {0};

		write_checkpoint(world, set, 1000, &note);
		assert_ok(policy_look(world->policy, span_of(&note), &verdict, &err), &err);
		assert_int_equal(verdict.satisfied, enough);
		assert_int_equal(__builtin_popcountll(verdict.witnesses), __builtin_popcount(set));
		assert_int_equal(policy_judge(world->policy, span_of(&note), &verdict, &err), enough ? 0 : -1);
		if (!enough)
			assert_error(&err, ERROR_REFUSED, "too few witnesses");
	}
}

/* X1 (1000), X3 (1002) and Y1 (1003) are enough; Y3 (1005) comes too late to matter. */
TEST_CASE(test_says_when_there_first_were_enough)
{
	AUTO(buf) struct buf note = BUF_INIT(NOTE_MAX_BYTES);
	struct world *world = *state;
	struct policy_verdict verdict;
	struct error err = {0};

	write_checkpoint(world, 1 | 4 | 8 | 32, 1000, &note);
	assert_ok(policy_judge(world->policy, span_of(&note), &verdict, &err), &err);
	assert_int_equal(verdict.quorum_s, 1003);
}

TEST_CASE(test_names_the_witnesses_that_are_missing)
{
	AUTO(buf) struct buf note = BUF_INIT(NOTE_MAX_BYTES);
	struct world *world = *state;
	struct policy_verdict verdict;
	struct error err = {0};

	write_checkpoint(world, 1 | 8, 1000, &note);
	assert_int_equal(policy_judge(world->policy, span_of(&note), &verdict, &err), -1);
	assert_error(&err, ERROR_REFUSED, "missing: X2, X3, Y2, Y3");
}

TEST_CASE(test_refuses_a_log_that_the_policy_does_not_name)
{
	AUTO(buf) struct buf foreign = BUF_INIT(NOTE_MAX_BYTES), usurped = BUF_INIT(NOTE_MAX_BYTES);
	struct checkpoint other = {.origin = "other.example"}, same = {.origin = "log.example"};
	struct world *world = *state;
	struct policy_verdict verdict;
	struct error err = {0};
	struct party log;

	party_init(&log, "log.example", VKEY_NOTE);
	assert_ok(checkpoint_sign(&other, &world->log.key, world->log.signer, &foreign, &err), &err);
	assert_int_equal(policy_look(world->policy, span_of(&foreign), &verdict, &err), -1);
	assert_error(&err, ERROR_REFUSED, "names no log 'other.example'");
	assert_ok(checkpoint_sign(&same, &log.key, log.signer, &usurped, &err), &err);
	assert_int_equal(policy_look(world->policy, span_of(&usurped), &verdict, &err), -1);
	assert_error(&err, ERROR_REFUSED, "has not signed");
	party_clear(&log);
}

TEST_CASE(test_a_cosignature_that_does_not_hold_spoils_the_checkpoint)
{
	AUTO(buf) struct buf note = BUF_INIT(NOTE_MAX_BYTES);
	struct world *world = *state;
	struct policy_verdict verdict;
	struct error err = {0};

	write_checkpoint(world, 077, 1000, &note);
	assert_ok(cosignature_sign(
			  SPAN("another\n"), 1, &world->witnesses[1].key, world->witnesses[1].signer, &note, &err),
		&err);
	assert_int_equal(policy_look(world->policy, span_of(&note), &verdict, &err), -1);
	assert_error(&err, ERROR_REFUSED, "witness 'X2' does not hold");
}

#define LOG "log PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define LOG_AGAIN "log sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

TEST_CASE_WITH(test_refuses_what_is_no_policy, NULL, NULL)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "quorum"},
		{LOG "\n", "quorum"},
		{"quorum none", "not ended"},
		{"quorum none\nquorum none\n", "line 2: a second quorum"},
		{"quorum\n", "without a name"},
		{"quorum w\n", "no line before this one names 'w'"},
		{"quorum none none\n", "more words"},
		{"wittness w\n", "begins with"},
		{"log\n", "key is missing"},
		{"witness w PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n", "type 0x01"},
		{LOG "\n" LOG "\nquorum none\n", "line 2"},
		{"group g all\nquorum none\n", "has 0 members"},
		{"group g\nquorum none\n", "without members"},
		{"group g some w\nquorum none\n", "no line before"},
		{"group none any w\n", "taken"},
		{"quorum none\r\n", "save it without CR"},
		{"quorum none\x01\n", "control character"},
	};
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_null(policy_parse(SPAN(rows[i].text), &err));
		assert_error(&err, ERROR_INPUT, rows[i].why);
	}
}

/* What the world's policy says, with one line more. */
static void refuse_with(struct world *world, const char *line, const char *why)
{
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	struct error err = {0};

	write_world(world, &text);
	assert_ok(buf_printf(&text, &err, "%s\n", line), &err);
	assert_null(policy_parse(span_of(&text), &err));
	assert_error(&err, ERROR_INPUT, why);
}

TEST_CASE(test_a_member_counts_in_one_way_only)
{
	refuse_with(*state, "group again any X1", "'X1' is in a group already");
	refuse_with(*state, "group X1 any X-and-Y", "taken");
	refuse_with(*state, "group more 2 X-and-Y", "has 1 members");
	refuse_with(*state, "group more 0 X-and-Y", "has 1 members");
	refuse_with(*state, "group twice 1 X-and-Y X-and-Y", "already");
}

TEST_CASE_WITH(test_a_policy_without_a_quorum_asks_for_the_log_alone, NULL, NULL)
{
	struct error err = {0};
	AUTO(policy) struct policy *policy = policy_parse(SPAN(LOG "\n" LOG_AGAIN "\n \t\n#\nquorum none\n"), &err);

	assert_non_null(policy);
	assert_int_equal(policy->log_count, 2);
	assert_true(policy_is_satisfied(policy, 0));
}

TESTS(set_up, tear_down)
