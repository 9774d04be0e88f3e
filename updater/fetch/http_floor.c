#include "updater/fetch/http_floor.h"

void http_floor_begin(struct http_floor *floor, int64_t window_ms, uint64_t wire_bytes)
{
	*floor = (struct http_floor){.window_ms = window_ms, .wire_before = wire_bytes};
}

void http_floor_took(struct http_floor *floor, uint64_t bytes)
{
	floor->begun = true;
	floor->bytes += bytes;
	floor->all_bytes += bytes;
}

bool http_floor_waited(struct http_floor *floor, int64_t ms)
{
	bool fast_enough;

	if (!floor->begun)
		return true;
	floor->waited_ms += ms;
	if (floor->waited_ms < floor->window_ms)
		return true;
	fast_enough = floor->bytes >= (uint64_t)floor->waited_ms * HTTP_FLOOR_BYTES_PER_S / 1000;
	floor->waited_ms = 0;
	floor->bytes = 0;
	return fast_enough;
}

bool http_floor_is_lean(const struct http_floor *floor, uint64_t wire_bytes)
{
	return wire_bytes <= floor->wire_before + HTTP_WRAPPING_BYTES + HTTP_WRAPPING_TIMES * floor->all_bytes;
}
