#include "agent/server/delta_count.h"

#define SETTING_MISSED "deltas_did_not_come_out"

int delta_count_missed(struct store *store, int64_t *ret_count, struct error *err)
{
	return store_number(store, SETTING_MISSED, ret_count, err);
}

int delta_count_add_missed(struct store *store, struct error *err)
{
	int64_t count;

	if (delta_count_missed(store, &count, err) < 0)
		return -1;
	return store_set_number(store, SETTING_MISSED, count + 1, err);
}
