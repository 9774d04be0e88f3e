#include "agent/resident/allowance.h"

#define EVERY_MS (ALLOWANCE_EVERY_S * 1000)

/* The caller's place; a new one takes that of who has been quiet longest. */
static struct allowance *find(struct allowances *allowances, uid_t uid)
{
	struct allowance *quietest = &allowances->items[0];

	for (size_t i = 0; i < allowances->count; i++) {
		if (allowances->items[i].uid == uid)
			return &allowances->items[i];
		if (allowances->items[i].spent_ms < quietest->spent_ms)
			quietest = &allowances->items[i];
	}
	if (allowances->count < ALLOWANCE_CALLERS)
		quietest = &allowances->items[allowances->count++];
	*quietest = (struct allowance){.uid = uid};
	return quietest;
}

int allowance_take(struct allowances *allowances, uid_t uid, int64_t now_ms, int64_t *ret_left_s, struct error *err)
{
	struct allowance *allowance = find(allowances, uid);
	int64_t spent_ms = allowance->spent_ms > now_ms ? allowance->spent_ms : now_ms;
	int64_t over_ms = spent_ms - now_ms - (ALLOWANCE_AT_ONCE - 1) * EVERY_MS;

	if (over_ms <= 0) {
		allowance->spent_ms = spent_ms + EVERY_MS;
		return 0;
	}
	*ret_left_s = (over_ms + 999) / 1000;
	return error_set(err, ERROR_THROTTLED,
		"more than %d changes were asked for at once; another one in %lld seconds", ALLOWANCE_AT_ONCE,
		(long long)*ret_left_s);
}
