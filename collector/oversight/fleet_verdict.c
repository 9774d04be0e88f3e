#include "collector/oversight/fleet_verdict.h"

/* Fewer prove nothing. */
#define SETTLED_LEAST 20
/* Of a hundred that are settled. */
#define TAKEN_BACK_MOST 2
/* More newly silent ones than these are one event, not many. */
#define SILENT_MORE 20
#define SILENT_SHARE 100
/* Of ten that were expected by now. */
#define CAME_LEAST 7
#define EXPECTED_LEAST 20

bool fleet_takes_back(int64_t rolled_back, int64_t settled, int64_t open)
{
	return open > 0 && settled >= SETTLED_LEAST && rolled_back * 100 >= settled * TAKEN_BACK_MOST;
}

static bool fell_silent(const struct fleet_sight *sight)
{
	int64_t more = sight->silent - sight->silent_before;

	return sight->silent_before >= 0 && more >= SILENT_MORE && more * SILENT_SHARE >= sight->terminals;
}

enum fleet_verdict fleet_verdict_of(const struct fleet_sight *sight)
{
	if (sight->is_in_trouble)
		return FLEET_IN_TROUBLE;
	if (sight->terminals == 0)
		return FLEET_EMPTY;
	if (sight->is_taken_back)
		return FLEET_TAKEN_BACK;
	if (fell_silent(sight))
		return FLEET_FELL_SILENT;
	if (sight->expected >= EXPECTED_LEAST && sight->came * 10 < sight->expected * CAME_LEAST)
		return FLEET_LATE;
	return sight->silent > 0 ? FLEET_TO_CALL : FLEET_WELL;
}
