/* Several collectors on one PostgreSQL, behind one nginx: one of them or the other is killed and comes back while terminals report,
 * and nobody notices. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/collector/proxy.h"
#include "tests/collector/senders.h"
#include "tests/support/test.h"

#define SENDERS 6
#define KILLS 8
#define BETWEEN 40

struct cluster {
	struct collector first, second;
	struct proxy proxy;
};

static int setup(void **state)
{
	struct cluster *cluster = calloc(1, sizeof(*cluster));

	collector_init(&cluster->first);
	collector_use_postgres(&cluster->first, &collector_postgres);
	cluster->first.socket = "first.sock";
	(void)strcpy(cluster->first.more, "[reports]\nper_hour = 1000000\n");
	cluster->second = cluster->first;
	cluster->second.socket = "second.sock";
	collector_start(&cluster->first);
	collector_start(&cluster->second);
	proxy_start(&cluster->proxy, (struct collector *const[]){&cluster->first, &cluster->second}, 2);
	*state = cluster;
	return 0;
}

static int teardown(void **state)
{
	struct cluster *cluster = *state;

	proxy_stop(&cluster->proxy);
	collector_stop(&cluster->second);
	collector_stop(&cluster->first);
	collector_clear(&cluster->first);
	free(cluster);
	return 0;
}

static void assert_shown(struct cluster *cluster, const char *path, const char *part)
{
	struct ask *ask = collector_client(&cluster->first, &cluster->first.operator);
	struct ask_answer answer = {0};

	if (ask_for(ask, path, NULL, 0, &answer) != 200 || !strstr(buf_text(&answer.body), part))
		fail_msg("%s: expected 200 with '%s', got %ld: %s", path, part, answer.status, buf_text(&answer.body));
	ask_answer_clear(&answer);
	ask_free(ask);
}

TEST_CASE(test_collectors_that_come_and_go_lose_nothing)
{
	struct cluster *cluster = *state;
	struct senders senders;

	senders_begin(&senders, &cluster->first, SENDERS, 0, false);
	for (int kill = 0; kill < KILLS; kill++) {
		struct collector *struck = kill % 2 ? &cluster->second : &cluster->first;

		senders_await(&senders, BETWEEN + kill);
		collector_kill(struck);
		assert_shown(cluster, "/", "<main");
		senders_await(&senders, BETWEEN); /* the other one takes them */
		collector_start(struck);
	}
	senders_end(&senders);
	assert_int_equal(senders_lost(&senders), 0);
	assert_int_equal(collector_count(&cluster->first, "SELECT count(*) FROM terminal WHERE twin_s > 0"), 0);
	assert_shown(cluster, "/api/v1/fleet", "\"terminals\":6");
	senders_clear(&senders);
}

TESTS_WITHIN(collector_postgres_begin, collector_postgres_end, setup, teardown)
