/* A vendor's program that asks all the time, over many connections, and an operator beside it. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/collector/collector_fixture.h"
#include "tests/collector/fleet_seed.h"
#include "tests/support/test.h"

#define CONNECTIONS 40
#define ASKED 12
/* Of the longest list that a vendor may have; fit to be in front of everybody. */
#define DEAR "/api/v1/deliveries?package=reader-app/acme&version=1.4.2&limit=1000"

struct vendor {
	struct collector *collector;
	pthread_t threads[CONNECTIONS];
	atomic_bool is_ending;
	_Atomic int64_t answered, sent_away, other;
};

static void *ask_all_the_time(void *context)
{
	struct vendor *vendor = context;
	struct ask *client = collector_client(vendor->collector, &vendor->collector->vendor);
	struct ask_answer answer = {0};
	long status;

	while (!vendor->is_ending) {
		status = ask_for(client, DEAR, NULL, 0, &answer);
		if (status == 200)
			vendor->answered++;
		else if (status == 503)
			vendor->sent_away++;
		else
			vendor->other++;
		if (status != 200)
			(void)usleep(200000);
	}
	ask_answer_clear(&answer);
	ask_free(client);
	return NULL;
}

static void begin_vendor(struct vendor *vendor, struct collector *collector)
{
	*vendor = (struct vendor){.collector = collector};
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (pthread_create(&vendor->threads[i], NULL, ask_all_the_time, vendor) != 0)
			abort();
	while (vendor->answered < CONNECTIONS)
		(void)usleep(2000);
}

static void end_vendor(struct vendor *vendor)
{
	vendor->is_ending = true;
	for (size_t i = 0; i < CONNECTIONS; i++)
		(void)pthread_join(vendor->threads[i], NULL);
}

/* How many answers the vendor gets while the operator waits for these few. */
static int64_t answers_meanwhile(struct vendor *vendor)
{
	struct ask *operator= collector_client(vendor->collector, &vendor->collector->operator);
	struct ask_answer answer = {0};
	int64_t meanwhile = 0, before;

	for (int i = 0; i < ASKED; i++) {
		before = vendor->answered;
		assert_int_equal(ask_for(operator, "/api/v1/campaigns", NULL, 0, &answer), 200);
		meanwhile += vendor->answered - before;
	}
	ask_answer_clear(&answer);
	ask_free(operator);
	return meanwhile;
}

TEST_CASE(test_a_vendor_that_asks_all_the_time_keeps_no_operator_waiting)
{
	struct fleet_seed seed = {.terminals = 1000, .nights = 3, .report_nights = 1};
	struct collector collector;
	struct vendor vendor;
	struct clock clock;

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	collector_init(&collector);
	seed.store = collector.store;
	seed.now_s = clock.now_s(&clock);
	fleet_seed(&seed);
	collector_start(&collector);
	begin_vendor(&vendor, &collector);
	/* In one queue the operator would wait for as many answers as the vendor has connections, each time. */
	assert_true(answers_meanwhile(&vendor) < ASKED * CONNECTIONS / 4);
	end_vendor(&vendor);
	assert_true(vendor.sent_away > 0);
	assert_int_equal(vendor.other, 0);
	collector_stop(&collector);
	collector_clear(&collector);
}

TESTS(NULL, NULL)
