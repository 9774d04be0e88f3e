/* A speed limit over all transfers together: most are short, and each would begin with a full purse if curl kept the
 * count. Part of updater/fetch/http. Arithmetic alone: times are of a clock that never goes back. */
#ifndef UPDATER_FETCH_HTTP_LIMIT_H
#define UPDATER_FETCH_HTTP_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_LIMIT_PIECE_MOST 65536

struct http_limit {
	int64_t most_bytes_per_s; /* 0: no limit */
	int64_t next_us;	  /* when the next piece may be taken */
};

/* Takes LEN bytes out of what the limit allows; false where they must wait. What was late may be made up for, within
 * bounds: waiting is never exact. */
bool http_limit_take(struct http_limit *limit, int64_t now_us, size_t len);
/* How long the next piece has to wait, rounded up; 0: not at all. */
int64_t http_limit_wait_ms(const struct http_limit *limit, int64_t now_us);
/* Another limit from now on. What had to wait under the former need not wait longer under this one. */
void http_limit_set(struct http_limit *limit, int64_t now_us, int64_t most_bytes_per_s);
/* The most that should come in one piece: about a second's bytes. */
long http_limit_piece(const struct http_limit *limit);

#endif
