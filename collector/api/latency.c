#include "collector/api/latency.h"

#include <inttypes.h>

static const int64_t limits_ms[LATENCY_BUCKETS - 1] = {5, 10, 25, 50, 100, 250, 500, 1000, 2500};
static const char *const names[LATENCY_KINDS] = {"reports", "questions"};

void latency_note(struct latency *latency, enum latency_kind kind, int64_t duration_ms)
{
	int at = 0;

	while (at < LATENCY_BUCKETS - 1 && duration_ms > limits_ms[at])
		at++;
	(void)__atomic_add_fetch(&latency->kinds[kind].buckets[at], 1, __ATOMIC_RELAXED);
	(void)__atomic_add_fetch(
		&latency->kinds[kind].sum_ms, duration_ms > 0 ? (uint64_t)duration_ms : 0, __ATOMIC_RELAXED);
}

static int write_kind(const struct latency *latency, int kind, struct buf *text, struct error *err)
{
	uint64_t count = 0;

	for (int i = 0; i < LATENCY_BUCKETS; i++) {
		count += __atomic_load_n(&latency->kinds[kind].buckets[i], __ATOMIC_RELAXED);
		if (buf_printf(text, err, "haishin_answer_seconds_bucket{kind=\"%s\",le=\"", names[kind]) < 0)
			return -1;
		if (i == LATENCY_BUCKETS - 1 ? buf_printf(text, err, "+Inf") < 0
					     : buf_printf(text, err, "%.3f", (double)limits_ms[i] / 1000) < 0)
			return -1;
		if (buf_printf(text, err, "\"} %" PRIu64 "\n", count) < 0)
			return -1;
	}
	return buf_printf(text, err,
		"haishin_answer_seconds_count{kind=\"%s\"} %" PRIu64
		"\nhaishin_answer_seconds_sum{kind=\"%s\"} %.3f\n",
		names[kind], count, names[kind],
		(double)__atomic_load_n(&latency->kinds[kind].sum_ms, __ATOMIC_RELAXED) / 1000);
}

int latency_write(const struct latency *latency, struct buf *ret_text, struct error *err)
{
	if (buf_printf(ret_text, err,
		    "# TYPE haishin_answer_seconds histogram\n# UNIT haishin_answer_seconds seconds\n"
		    "# HELP haishin_answer_seconds How long senders and askers waited.\n") < 0)
		return -1;
	for (int kind = 0; kind < LATENCY_KINDS; kind++)
		if (write_kind(latency, kind, ret_text, err) < 0)
			return -1;
	return 0;
}
