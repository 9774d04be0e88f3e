/* Terminals that report to a collector all at once, each with its own key, client certificate and connection, as long as a test
 * does to it what it does. A report that was not taken is sent again until it is, as terminals do. */
#ifndef TESTS_COLLECTOR_SENDERS_H
#define TESTS_COLLECTOR_SENDERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "tests/collector/collector_fixture.h"

struct senders;

struct sender {
	struct senders *all;
	pthread_t thread;
	struct pki_pair pair;
	struct report_maker maker;
	_Atomic int64_t answered; /* of its present terminal: reports 1 to this were taken */
};

struct senders {
	struct collector *collector;
	struct sender *items;
	size_t count;
	int64_t pause_ms; /* of each between two reports */
	bool is_fleet;	  /* each report is another terminal's, over another connection, as in the field */
	pthread_mutex_t lock;
	char base[300]; /* where they send to; guarded by the lock */
	atomic_bool is_ending;
	_Atomic int64_t taken;	     /* reports of all of them */
	_Atomic int64_t refused;     /* answers that were another than 200, or none: sent again */
	_Atomic int64_t longest_ms;  /* that one waited for an answer, whatever it was */
	_Atomic int64_t terminals;   /* that were made */
};

/* They begin at once. PAUSE_MS, IS_FLEET as above. The collector's quota must let them. */
void senders_begin(
	struct senders *senders, struct collector *collector, size_t count, int64_t pause_ms, bool is_fleet);
/* The collector came back at another address. */
void senders_follow(struct senders *senders);
/* Waits until MORE reports were taken than when it was called. */
void senders_await(struct senders *senders, int64_t more);
/* Ends them when each has its last report taken: the collector must be there. */
void senders_end(struct senders *senders);
void senders_clear(struct senders *senders);

/* Of the reports that were taken, those that are not in the store, or not once. After senders_end(). */
int64_t senders_lost(const struct senders *senders);
/* The same of each one's last; while nobody answers. Not for fleets. */
int64_t senders_lost_last(const struct senders *senders);

#endif
