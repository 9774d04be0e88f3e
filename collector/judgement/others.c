#include "collector/judgement/others.h"

int64_t others_all(int64_t taken)
{
	int64_t all = taken * OTHERS_FOR_EACH;

	if (all < OTHERS_LEAST)
		all = OTHERS_LEAST;
	return all < OTHERS_MOST ? all : OTHERS_MOST;
}

int64_t others_wanted(int64_t here, int64_t taken)
{
	return taken > 0 ? (others_all(taken) * here + taken - 1) / taken : 0;
}

#define FADES 14 /* nights in which what was before is forgotten */

int64_t others_absence(int64_t before, int64_t nights)
{
	int64_t absence = nights < FADES ? before * (FADES - nights) / FADES + 100 * (nights - 1) : OTHERS_ABSENCE_MOST;

	return absence < OTHERS_ABSENCE_MOST ? absence : OTHERS_ABSENCE_MOST;
}

bool others_is_steady(int64_t absence)
{
	return absence < OTHERS_STEADY_BELOW;
}
