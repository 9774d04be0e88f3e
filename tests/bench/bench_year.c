/* What a year of reports takes on disk: some terminals report on each of 365 nights, as they would in the field (whole reports, a
 * window each, a delivery every 30 nights), into a collector that keeps a ledger.
 *
 *   bench_year sqlite|postgres TERMINALS [--json] */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/auto.h"
#include "tests/collector/collector_fixture.h"

#define NIGHTS 365
#define DELIVERY_EVERY 30
#define SENDERS 32
#define DAY_S INT64_C(86400)

struct bench {
	struct collector collector;
	int64_t terminals;
	_Atomic int64_t next, not_taken, sent_bytes;
};

/* What the terminal says of a night: its last window, and at times a delivery. */
static void live_a_night(struct report_maker *maker, int64_t night)
{
	int64_t now_s = collector_now_s() - (NIGHTS - night) * DAY_S;
	char version[32];

	maker->made_s = now_s;
	(void)json_array_clear(maker->windows);
	(void)json_array_clear(maker->deliveries);
	report_maker_add_window(maker, now_s - DAY_S, night % 11 ? "contacted" : "off");
	if (night % DELIVERY_EVERY)
		return;
	(void)snprintf(version, sizeof(version), "5.%" PRId64 ".0", night / DELIVERY_EVERY);
	report_maker_set_package(maker, "face-library", version, "current");
	report_maker_add_delivery(maker, "face-library", version, "confirmed", now_s - 7200, now_s - 3600);
}

static void live_a_year(struct bench *bench, int64_t number)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct pki_pair pair;
	struct ask *ask;
	char name[32];

	(void)snprintf(name, sizeof(name), "13000%05" PRId64, number);
	pki_issue_client(&bench->collector.pki, &pair, name, pki_yesterday(), pki_next_year());
	report_maker_init(&maker, collector_now_s());
	ask = collector_client(&bench->collector, &pair);
	for (int64_t night = 0; night < NIGHTS; night++) {
		live_a_night(&maker, night);
		report_maker_make_whole(&maker, &pair, &pair, &body);
		bench->sent_bytes += (int64_t)body.len;
		if (ask_for(ask, "/reports", buf_text(&body), body.len, &answer) != 200)
			bench->not_taken++;
	}
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
	pki_pair_clear(&pair);
}

static void *live_in_turn(void *context)
{
	struct bench *bench = context;
	int64_t number;

	while ((number = bench->next++) < bench->terminals)
		live_a_year(bench, number);
	return NULL;
}

static void play(struct bench *bench)
{
	pthread_t threads[SENDERS];

	for (int i = 0; i < SENDERS; i++)
		if (pthread_create(&threads[i], NULL, live_in_turn, bench) != 0)
			abort();
	for (int i = 0; i < SENDERS; i++)
		(void)pthread_join(threads[i], NULL);
}

static int64_t store_bytes(const struct collector *collector)
{
	struct stat found;

	if (collector->postgres)
		return postgres_number(collector->postgres, "SELECT pg_database_size(current_database())");
	return stat(collector->store, &found) < 0 ? 0 : found.st_size;
}

static int64_t ledger_bytes(const struct collector *collector)
{
	char command[800];
	int64_t bytes = 0;
	FILE *pipe;

	(void)snprintf(command, sizeof(command), "du -sb '%s/ledger' | cut -f1", collector->folder.path);
	if (!(pipe = popen(command, "r")) || fscanf(pipe, "%" SCNd64, &bytes) != 1 || pclose(pipe) != 0)
		abort();
	return bytes;
}

int main(int argc, char **argv)
{
	bool as_json = argc > 3 && strcmp(argv[3], "--json") == 0;
	struct bench bench = {0};
	struct postgres postgres;
	bool with_postgres;
	int64_t reports;

	if (argc < 3) {
		(void)fputs("usage: bench_year sqlite|postgres TERMINALS [--json]\n", stderr);
		return 2;
	}
	with_postgres = strcmp(argv[1], "postgres") == 0;
	bench.terminals = strtoll(argv[2], NULL, 10);
	reports = bench.terminals * NIGHTS;
	collector_init(&bench.collector);
	bench.collector.summary_age = "1h";
	if (with_postgres) {
		postgres_init(&postgres);
		collector_use_postgres(&bench.collector, &postgres);
	}
	collector_use_ledger(&bench.collector);
	(void)strcat(bench.collector.more, "[reports]\nper_hour = 10000000\n");
	collector_start(&bench.collector);
	play(&bench);
	collector_stop(&bench.collector);
	(void)printf(as_json ? "{\"reports\": %" PRId64 ", \"not_taken\": %" PRId64 ", \"sent_bytes_each\": %" PRId64
			       ", \"store_bytes_each\": %" PRId64 ", \"ledger_bytes_each\": %" PRId64 "}\n"
			     : "%" PRId64 " reports, %" PRId64 " not taken; %" PRId64 " bytes each as they were sent, %" PRId64
			       " in the store, %" PRId64 " in the ledger\n",
		reports, (int64_t)bench.not_taken, bench.sent_bytes / reports, store_bytes(&bench.collector) / reports,
		ledger_bytes(&bench.collector) / reports);
	if (with_postgres)
		postgres_clear(&postgres);
	collector_clear(&bench.collector);
	return bench.not_taken > 0;
}
