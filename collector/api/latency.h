/* How long answers took, as a histogram for each kind of question. May be used from several threads. */
#ifndef COLLECTOR_API_LATENCY_H
#define COLLECTOR_API_LATENCY_H

#include <stdint.h>

#include "common/buf.h"

enum latency_kind { LATENCY_REPORTS, LATENCY_QUESTIONS, LATENCY_KINDS };
#define LATENCY_BUCKETS 10

struct latency {
	struct {
		uint64_t buckets[LATENCY_BUCKETS]; /* each with those of the buckets before it left out */
		uint64_t sum_ms;
	} kinds[LATENCY_KINDS];
};

void latency_note(struct latency *latency, enum latency_kind kind, int64_t duration_ms);

/* Appends the histogram in OpenMetrics' form. */
WARN_UNUSED int latency_write(const struct latency *latency, struct buf *ret_text, struct error *err);

#endif
