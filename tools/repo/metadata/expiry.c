#include "tools/repo/metadata/expiry.h"

#define DAY_S 86400

int expiry_level(int64_t expires_s, int64_t lifetime_s, int64_t now_s)
{
	static const int levels[] = {7, 30, 90};
	int64_t left_s = expires_s - now_s;

	if (left_s <= 0)
		return -1;
	if (left_s > lifetime_s / 2)
		return 0;
	for (int i = 0; i < 3; i++)
		if (left_s <= (int64_t)levels[i] * DAY_S)
			return levels[i];
	return 0;
}
