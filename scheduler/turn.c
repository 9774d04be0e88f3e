#include "scheduler/turn.h"

#include <stdbool.h>

/* The earlier of BEST_S and the terminal's moment in the window of FACTS, where that comes after AFTER_S in time. */
static int64_t earlier_turn_s(const struct slot_facts *facts, int64_t after_s, int64_t best_s)
{
	int64_t due_s = slot_due_s(facts);

	return due_s > after_s && due_s < facts->closes_s && due_s < best_s ? due_s : best_s;
}

/* The same for the parts of the window in which one package is delivered; RET_WHOLE is set where that is all of it.
 */
static int64_t package_turn_s(const struct schedule_rules *rules, const char *package, const struct slot_facts *facts,
	int64_t after_s, bool *ret_whole)
{
	int64_t turn_s = SCHEDULE_NEVER;
	struct schedule_answer answer, next;

	schedule_ask(rules, package, facts->opens_s, &answer);
	for (; answer.opens_s < facts->closes_s; answer = next) {
		struct slot_facts part = *facts;

		if (answer.opens_s <= facts->opens_s && answer.closes_s >= facts->closes_s) {
			*ret_whole = true;
			return SCHEDULE_NEVER;
		}
		part.night = answer.night;
		part.opens_s = answer.opens_s > facts->opens_s ? answer.opens_s : facts->opens_s;
		part.closes_s = answer.closes_s < facts->closes_s ? answer.closes_s : facts->closes_s;
		turn_s = earlier_turn_s(&part, after_s, turn_s);
		schedule_ask_next(rules, package, &answer, &next);
	}
	return turn_s;
}

int64_t turn_next_s(const struct schedule_rules *rules, const char *const *packages, size_t packages_count,
	const struct slot_facts *facts, int64_t after_s)
{
	int64_t turn_s = SCHEDULE_NEVER;
	bool whole = false;

	for (size_t i = 0; i < packages_count; i++) {
		int64_t package_s = package_turn_s(rules, packages[i], facts, after_s, &whole);

		turn_s = package_s < turn_s ? package_s : turn_s;
	}
	/* Who delivers asks, too. The moment in the whole window is for those who have nothing to deliver in a part
	 * of it, or were switched on when all parts were over. */
	if (whole || (turn_s == SCHEDULE_NEVER && after_s < facts->opens_s))
		turn_s = earlier_turn_s(facts, after_s, turn_s);
	return turn_s;
}
