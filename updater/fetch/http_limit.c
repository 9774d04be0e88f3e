#include "updater/fetch/http_limit.h"

/* What may be made up for after a piece waited too long. */
#define LATE_MOST_US 100000
#define PIECE_LEAST 1024

bool http_limit_take(struct http_limit *limit, int64_t now_us, size_t len)
{
	if (limit->most_bytes_per_s == 0)
		return true;
	if (now_us < limit->next_us)
		return false;
	if (limit->next_us < now_us - LATE_MOST_US)
		limit->next_us = now_us - LATE_MOST_US;
	limit->next_us += (int64_t)len * 1000000 / limit->most_bytes_per_s;
	return true;
}

int64_t http_limit_wait_ms(const struct http_limit *limit, int64_t now_us)
{
	return limit->next_us > now_us ? (limit->next_us - now_us + 999) / 1000 : 0;
}

void http_limit_set(struct http_limit *limit, int64_t now_us, int64_t most_bytes_per_s)
{
	limit->most_bytes_per_s = most_bytes_per_s;
	if (limit->next_us > now_us)
		limit->next_us = now_us;
}

long http_limit_piece(const struct http_limit *limit)
{
	if (limit->most_bytes_per_s == 0 || limit->most_bytes_per_s > HTTP_LIMIT_PIECE_MOST)
		return HTTP_LIMIT_PIECE_MOST;
	return limit->most_bytes_per_s < PIECE_LEAST ? PIECE_LEAST : (long)limit->most_bytes_per_s;
}
