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
