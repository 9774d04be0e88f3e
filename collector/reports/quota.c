#include "collector/reports/quota.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SETS 32768
#define WAYS 8
#define HOUR_MS INT64_C(3600000)

/* What is left is not counted but timed: each report moves FREE on by its share of the hour, and it may be up to a
 * burst's length ahead of the clock (the generic cell rate algorithm, ITU-T I.371). */
struct share {
	uint64_t who; /* 0: nobody */
	int64_t free; /* in 1/1024 ms */
};

struct quota {
	pthread_mutex_t lock;
	int64_t each;  /* an hour's share of one report, in 1/1024 ms, as BURST is */
	int64_t burst; /* how far ahead */
	struct share shares[SETS][WAYS];
};

int quota_open(int64_t per_hour, struct quota **ret_quota, struct error *err)
{
	struct quota *quota = calloc(1, sizeof(*quota));

	if (!quota)
		return error_set(err, ERROR_FAILED, "no memory for the quotas");
	(void)pthread_mutex_init(&quota->lock, NULL);
	quota->each = HOUR_MS * 1024 / per_hour;
	quota->burst = 2 * HOUR_MS * 1024;
	*ret_quota = quota;
	return 0;
}

void quota_close(struct quota *quota)
{
	if (!quota)
		return;
	(void)pthread_mutex_destroy(&quota->lock);
	free(quota);
}

/* The share of WHO, or that of the one who has been quiet longest, given to WHO. */
static struct share *share_of(struct quota *quota, uint64_t who)
{
	struct share *set = quota->shares[(who >> 1) % SETS], *oldest = set;

	for (int i = 0; i < WAYS; i++) {
		if (set[i].who == who)
			return &set[i];
		if (set[i].free < oldest->free)
			oldest = &set[i];
	}
	*oldest = (struct share){.who = who};
	return oldest;
}

int64_t quota_take(struct quota *quota, const char *fingerprint, int64_t now_ms)
{
	uint64_t who;
	int64_t now = now_ms * 1024, wait;
	char digits[17] = {0};
	struct share *share;

	memcpy(digits, fingerprint, sizeof(digits) - 1);
	who = strtoull(digits, NULL, 16) | 1;
	(void)pthread_mutex_lock(&quota->lock);
	share = share_of(quota, who);
	if (share->free < now)
		share->free = now;
	wait = share->free + quota->each - now - quota->burst;
	if (wait <= 0)
		share->free += quota->each;
	(void)pthread_mutex_unlock(&quota->lock);
	return wait <= 0 ? 0 : wait / 1024 + 1;
}
