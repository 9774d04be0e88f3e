#include "tests/support/test.h"

#include "collector/judgement/judgement.h"
#include "collector/judgement/others.h"
#include "common/auto.h"

/* A night's terminals, of which one in ten of the others has not been heard of since. */
static struct judgement_cohort cohort(int64_t taken, int64_t silent)
{
	return (struct judgement_cohort){.taken = taken, .silent = silent, .others = 10000, .others_silent = 1000};
}

static struct judgement judged(const struct judgement_cohort *cohort, int64_t rolled_back, double next)
{
	int64_t settled = cohort->taken - cohort->silent - cohort->waiting;
	const struct judgement_facts facts = {
		.most_rolled_back = 0.02,
		.most_silent = 0.03,
		.least = 20,
		.cohorts = cohort,
		.cohorts_count = 1,
		.settled = settled,
		.rolled_back = rolled_back,
		.settled_of_stage = settled,
		.next = next,
	};
	struct judgement judgement;

	judgement_make(&facts, &judgement);
	return judgement;
}

static void test_judges(void **state)
{
	static const struct {
		const char *what;
		int64_t taken, silent, waiting, rolled_back;
		double next;
		enum judgement_verdict verdict;
	} rows[] = {
		{"nobody took it", 0, 0, 0, 0, 0.01, JUDGEMENT_TOO_FEW},
		{"a few are well", 19, 0, 0, 0, 0.01, JUDGEMENT_TOO_FEW},
		{"a few are silent, and fewer are judged than are to be", 19, 19, 0, 0, 0.01, JUDGEMENT_TOO_FEW},
		{"all are silent", 20, 20, 0, 0, 0.01, JUDGEMENT_SILENT},
		{"as silent as others", 200, 20, 0, 0, 0.01, JUDGEMENT_WELL},
		{"the same is not enough for a large stage", 200, 22, 0, 0, 0.09, JUDGEMENT_UNDECIDED},
		{"as silent as others, and many", 20000, 2000, 0, 0, 0.5, JUDGEMENT_WELL},
		{"one in twenty", 2400, 348, 0, 0, 0.09, JUDGEMENT_SILENT},
		{"one in a hundred is below the bound", 20000, 2180, 0, 0, 0.4, JUDGEMENT_WELL},
		{"all were rolled back", 20, 0, 0, 20, 0.01, JUDGEMENT_ROLLED_BACK},
		{"one in two hundred was", 20000, 2000, 0, 90, 0.5, JUDGEMENT_WELL},
		{"one in twenty was", 500, 50, 0, 22, 0.09, JUDGEMENT_ROLLED_BACK},
		{"two of a hundred were: that may be chance", 100, 10, 0, 2, 0.09, JUDGEMENT_UNDECIDED},
		{"all wait for a restart", 200, 20, 180, 0, 0.01, JUDGEMENT_TOO_FEW},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct judgement_cohort taken = cohort(rows[i].taken, rows[i].silent);
		struct judgement judgement;

		taken.waiting = rows[i].waiting;
		judgement = judged(&taken, rows[i].rolled_back, rows[i].next);
		if (judgement.verdict != rows[i].verdict)
			fail_msg("%s: %s", rows[i].what, judgement_verdict_name(judgement.verdict));
	}
}

static void test_an_outage_that_silences_everybody_stops_nothing(void **state)
{
	const struct judgement_cohort all = {.taken = 2400, .silent = 2400, .others = 20000, .others_silent = 20000};

	(void)state;
	assert_int_equal(judged(&all, 0, 0.09).verdict, JUDGEMENT_TOO_FEW);
}

static void test_without_others_silence_means_nothing(void **state)
{
	const struct judgement_cohort alone = {.taken = 2400, .silent = 2300};

	(void)state;
	assert_true(judged(&alone, 0, 0.09).verdict != JUDGEMENT_SILENT);
}

static void test_what_has_no_bound_is_not_judged(void **state)
{
	const struct judgement_cohort all = cohort(200, 200);
	struct judgement_facts facts = {.least = 1,
		.cohorts = &all,
		.cohorts_count = 1,
		.settled = 9,
		.rolled_back = 9,
		.settled_of_stage = 9};
	struct judgement judgement;

	(void)state;
	judgement_make(&facts, &judgement);
	assert_int_equal(judgement.verdict, JUDGEMENT_WELL);
	facts.settled_of_stage = 0;
	facts.is_overdue = true;
	judgement_make(&facts, &judgement);
	assert_int_equal(judgement.verdict, JUDGEMENT_TOO_FEW);
}

/* The last stage has told nothing, as on a closed day: what those before it have shown counts, where it is much. */
static void test_judges_without_news_of_the_last_stage(void **state)
{
	static const struct {
		const char *what;
		int64_t taken, silent, rolled_back;
		double until;
		bool is_overdue;
		enum judgement_verdict verdict;
	} rows[] = {
		{"many are well", 4800, 480, 0, 1, true, JUDGEMENT_WELL},
		{"they may tell yet", 4800, 480, 0, 1, false, JUDGEMENT_TOO_FEW},
		{"pilots are too few to speak for a tenth of the fleet", 200, 20, 0, 0.1, true, JUDGEMENT_TOO_FEW},
		{"harm near the bound", 4800, 580, 0, 1, true, JUDGEMENT_TOO_FEW},
		{"rolled back by nearly as many as the bound", 4800, 480, 76, 1, true, JUDGEMENT_TOO_FEW},
		{"one in twenty is silent", 2400, 348, 0, 1, true, JUDGEMENT_SILENT},
		{"nobody has told anything", 2400, 2400, 0, 1, true, JUDGEMENT_SILENT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct judgement_cohort taken = cohort(rows[i].taken, rows[i].silent);
		const struct judgement_facts facts = {
			.most_rolled_back = 0.02,
			.most_silent = 0.03,
			.least = 20,
			.cohorts = &taken,
			.cohorts_count = 1,
			.settled = taken.taken - taken.silent,
			.rolled_back = rows[i].rolled_back,
			.next = rows[i].until / 2,
			.until = rows[i].until,
			.is_overdue = rows[i].is_overdue,
		};
		struct judgement judgement;

		judgement_make(&facts, &judgement);
		if (judgement.verdict != rows[i].verdict || judgement.is_sure != (rows[i].verdict == JUDGEMENT_WELL))
			fail_msg("%s: %s", rows[i].what, judgement_verdict_name(judgement.verdict));
	}
}

/* A closed day silences half of a night's terminals: those that are there nearly every night tell apart what they all together do not. */
static void test_the_steady_tell_more_beside_the_steady(void **state)
{
	const struct judgement_cohort all = {.taken = 2200, .silent = 1120, .others = 17600, .others_silent = 8960};
	const struct judgement_cohort alike[] = {
		{.taken = 1100, .silent = 1087, .others = 8800, .others_silent = 8696},
		{.taken = 1100, .silent = 33, .others = 8800, .others_silent = 264},
	};
	struct judgement_facts facts = {.most_silent = 0.03,
		.least = 20,
		.cohorts = &all,
		.cohorts_count = 1,
		.settled = 1080,
		.settled_of_stage = 1080,
		.next = 0.4,
		.until = 0.5};
	struct judgement judgement;

	(void)state;
	judgement_make(&facts, &judgement);
	assert_int_equal(judgement.verdict, JUDGEMENT_UNDECIDED);
	facts.cohorts = alike;
	facts.cohorts_count = ARRAY_SIZE(alike);
	judgement_make(&facts, &judgement);
	assert_int_equal(judgement.verdict, JUDGEMENT_WELL);
}

static void test_who_is_steady(void **state)
{
	int64_t absence = OTHERS_ABSENCE_MOST;
	int nights = 0;

	(void)state;
	/* One that is new, and there every night from then on. */
	for (; !others_is_steady(absence); nights++)
		absence = others_absence(absence, 1);
	assert_in_range(nights, 8, 14);
	assert_true(others_is_steady(others_absence(0, 2)));
	assert_false(others_is_steady(others_absence(0, 3)));
	assert_int_equal(others_absence(0, 100), OTHERS_ABSENCE_MOST);
	/* Off on each weekend. */
	for (int week = 0; week < 10; week++) {
		absence = others_absence(absence, 3);
		for (int night = 0; night < 4; night++) {
			absence = others_absence(absence, 1);
			assert_false(week > 1 && others_is_steady(absence));
		}
	}
}

static void test_tells_what_it_caused(void **state)
{
	const struct judgement_cohort some = cohort(1000, 190);
	struct judgement judgement = judged(&some, 81, 0.01);

	(void)state;
	assert_true(judgement.silent.usual > 0.099 && judgement.silent.usual < 0.101);
	assert_true(judgement.silent.caused > 0.098 && judgement.silent.caused < 0.102);
	assert_true(judgement.rolled_back.caused > 0.097 && judgement.rolled_back.caused < 0.1);
}

static void test_as_many_others_for_each_in_all_regions(void **state)
{
	(void)state;
	assert_int_equal(others_wanted(0, 0), 0);
	assert_int_equal(others_wanted(0, 200), 0);
	assert_int_equal(others_wanted(200, 200), OTHERS_LEAST);
	assert_int_equal(others_wanted(50, 200), OTHERS_LEAST / 4);
	assert_int_equal(others_wanted(1000, 2000), 8 * 1000);
	assert_int_equal(others_wanted(100000, 100000), OTHERS_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judges),
		cmocka_unit_test(test_an_outage_that_silences_everybody_stops_nothing),
		cmocka_unit_test(test_without_others_silence_means_nothing),
		cmocka_unit_test(test_what_has_no_bound_is_not_judged),
		cmocka_unit_test(test_judges_without_news_of_the_last_stage),
		cmocka_unit_test(test_the_steady_tell_more_beside_the_steady),
		cmocka_unit_test(test_who_is_steady),
		cmocka_unit_test(test_tells_what_it_caused),
		cmocka_unit_test(test_as_many_others_for_each_in_all_regions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
