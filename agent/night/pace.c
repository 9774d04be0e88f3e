#include "agent/night/pace.h"

#define FADES_IN_MS 3000.0
#define LONGEST_S (7 * 86400)

void pace_note(struct pace *pace, int64_t now_ms, uint64_t bytes)
{
	double passed_ms = (double)(now_ms - pace->at_ms);

	if (pace->notes > 0) {
		double latest, weight;

		if (passed_ms <= 0 || bytes < pace->bytes)
			return;
		latest = (double)(bytes - pace->bytes) * 1000 / passed_ms;
		weight = pace->notes == 1 ? 1 : passed_ms / (passed_ms + FADES_IN_MS);
		pace->bytes_per_s += (latest - pace->bytes_per_s) * weight;
	}
	pace->at_ms = now_ms;
	pace->bytes = bytes;
	pace->notes++;
}

uint64_t pace_rate(const struct pace *pace)
{
	return (uint64_t)pace->bytes_per_s;
}

int64_t pace_left_s(const struct pace *pace, uint64_t left)
{
	double left_s = pace->bytes_per_s >= 1 ? (double)left / pace->bytes_per_s : -1;

	return left_s < 0 || left_s > LONGEST_S ? -1 : (int64_t)left_s + (left_s > (double)(int64_t)left_s);
}
