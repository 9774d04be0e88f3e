/* The one thing that matters most in the morning. */
#include "collector/oversight/fleet_verdict.h"
#include "common/auto.h"
#include "tests/support/test.h"

TEST_CASE(test_what_matters_most_comes_first)
{
	static const struct {
		struct fleet_sight sight;
		enum fleet_verdict verdict;
	} rows[] = {
		/* trouble, terminals, silent, silent before, came, expected, taken back */
		{{true, 1000, 900, 10, 0, 900, true}, FLEET_IN_TROUBLE},
		{{false, 0, 0, -1, 0, 0, false}, FLEET_EMPTY},
		{{false, 1000, 900, 10, 0, 900, true}, FLEET_TAKEN_BACK},
		{{false, 1000, 900, 10, 0, 900, false}, FLEET_FELL_SILENT},
		{{false, 1000, 30, 10, 900, 900, false}, FLEET_FELL_SILENT},
		{{false, 1000, 29, 10, 900, 900, false}, FLEET_TO_CALL},    /* nineteen more are no event */
		{{false, 240000, 2399, 0, 900, 900, false}, FLEET_TO_CALL}, /* nor is less than one in a hundred */
		{{false, 240000, 2400, 0, 900, 900, false}, FLEET_FELL_SILENT},
		{{false, 1000, 900, -1, 900, 900, false}, FLEET_TO_CALL}, /* nobody knows how many there were */
		{{false, 1000, 0, 0, 69, 100, false}, FLEET_LATE},
		{{false, 1000, 0, 0, 70, 100, false}, FLEET_WELL},
		{{false, 1000, 0, 0, 0, 19, false}, FLEET_WELL}, /* too few to tell */
		{{false, 1000, 1, 1, 100, 100, false}, FLEET_TO_CALL},
		{{false, 1000, 0, 5, 100, 100, false}, FLEET_WELL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (fleet_verdict_of(&rows[i].sight) != rows[i].verdict)
			fail_msg("row %zu: %d", i, (int)fleet_verdict_of(&rows[i].sight));
}

TEST_CASE(test_a_release_is_taken_back_by_a_share_of_enough_terminals)
{
	assert_true(fleet_takes_back(2, 100, 1));
	assert_false(fleet_takes_back(1, 100, 1));
	assert_false(fleet_takes_back(19, 19, 1)); /* too few to tell */
	assert_true(fleet_takes_back(1, 20, 1));
	assert_false(fleet_takes_back(50, 100, 0)); /* nobody gets it any more */
}

TESTS(NULL, NULL)
