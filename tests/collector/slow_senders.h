/* Clients that take their time: half of them never get as far as a TLS handshake, the others say with a good certificate that a
 * report comes, and send a byte now and then. */
#ifndef TESTS_COLLECTOR_SLOW_SENDERS_H
#define TESTS_COLLECTOR_SLOW_SENDERS_H

#include "tests/collector/collector_fixture.h"

struct slow_senders;

/* COUNT of them, as whoever bears PAIR. Those whom the collector sends away come again. */
struct slow_senders *slow_senders_begin(const struct collector *collector, const struct pki_pair *pair, size_t count);
void slow_senders_end(struct slow_senders *senders);

#endif
