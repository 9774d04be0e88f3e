/* How many changes a caller may make, and how soon others. */
#include "agent/resident/allowance.h"
#include "common/auto.h"
#include "tests/support/test.h"

#define NOW_MS 1000000

/* Changes that UID may make at once. */
static int changes_at(struct allowances *allowances, uid_t uid, int64_t now_ms)
{
	struct error err = {0};
	int64_t left_s;
	int count = 0;

	while (allowance_take(allowances, uid, now_ms, &left_s, &err) == 0)
		count++;
	assert_error(&err, ERROR_THROTTLED, "more than 60 changes");
	assert_in_range(left_s, 1, ALLOWANCE_EVERY_S);
	return count;
}

TEST_CASE(test_earns_one_change_every_half_minute_and_never_more_than_sixty)
{
	static const struct {
		int64_t after_s;
		int changes;
	} rows[] = {{0, 60}, {0, 0}, {29, 0}, {1, 1}, {59, 1}, {1, 1}, {300, 10}, {86400, 60}};
	struct allowances allowances = {0};
	int64_t now_ms = NOW_MS;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		now_ms += rows[i].after_s * 1000;
		assert_int_equal(changes_at(&allowances, 1000, now_ms), rows[i].changes);
	}
}

TEST_CASE(test_one_caller_takes_nothing_from_another)
{
	struct allowances allowances = {0};

	assert_int_equal(changes_at(&allowances, 1000, NOW_MS), 60);
	assert_int_equal(changes_at(&allowances, 1001, NOW_MS), 60);
	assert_int_equal(changes_at(&allowances, 1000, NOW_MS), 0);
}

TEST_CASE(test_many_callers_share_a_table_and_the_quietest_is_forgotten)
{
	struct allowances allowances = {0};

	for (uid_t uid = 0; uid <= ALLOWANCE_CALLERS; uid++)
		assert_int_equal(changes_at(&allowances, 1000 + uid, NOW_MS + uid), 60);
	assert_int_equal(changes_at(&allowances, 1000 + ALLOWANCE_CALLERS, NOW_MS + ALLOWANCE_CALLERS), 0);
}

TESTS(NULL, NULL)
