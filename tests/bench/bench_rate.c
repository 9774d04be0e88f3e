/* A collector under a fleet's own rate: so many terminals a second, each over a connection of its own with its own client certificate,
 * as in the field. A terminal's time counts from the moment at which its turn was, so that one who had to wait for the others before
 * it is not forgotten. The collector has one core to itself.
 *
 *   bench_rate sqlite|postgres PER_SECOND SECONDS [--json] */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/auto.h"
#include "tests/collector/collector_fixture.h"

#define SENDERS 48
#define NAME "13000%05" PRId64

struct bench {
	struct collector collector;
	int64_t per_second, count;
	int64_t from_us;
	int64_t *took_us;
	_Atomic int64_t next, not_taken, late; /* the last: begun more than 10 ms after their turn, as this machine was busy */
};

static int64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void stay_on_core(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static void wait_until(int64_t at_us)
{
	struct timespec until = {at_us / 1000000, at_us % 1000000 * 1000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
		;
}

/* One terminal: ready when its turn comes, then it connects and reports. */
static void report(struct bench *bench, int64_t number)
{
	int64_t turn_us = bench->from_us + number * 1000000 / bench->per_second;
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct ask_answer answer = {0};
	struct report_maker maker;
	struct pki_pair pair;
	struct ask *ask;
	char name[32];

	(void)snprintf(name, sizeof(name), NAME, number);
	pki_issue_client(&bench->collector.pki, &pair, name, pki_yesterday(), pki_next_year());
	report_maker_init(&maker, collector_now_s());
	report_maker_add_window(&maker, collector_now_s() - 86400, "contacted");
	report_maker_make_whole(&maker, &pair, &pair, &body);
	ask = collector_client(&bench->collector, &pair);
	wait_until(turn_us);
	bench->late += now_us() - turn_us > 10000;
	if (ask_for(ask, "/reports", buf_text(&body), body.len, &answer) != 200)
		bench->not_taken++;
	bench->took_us[number] = now_us() - turn_us;
	ask_answer_clear(&answer);
	ask_free(ask);
	report_maker_clear(&maker);
	pki_pair_clear(&pair);
}

static void *report_in_turn(void *context)
{
	struct bench *bench = context;
	int64_t number;

	while ((number = bench->next++) < bench->count)
		report(bench, number);
	return NULL;
}

static void play(struct bench *bench)
{
	pthread_t threads[SENDERS];

	bench->from_us = now_us() + 1000000;
	for (int i = 0; i < SENDERS; i++)
		if (pthread_create(&threads[i], NULL, report_in_turn, bench) != 0)
			abort();
	for (int i = 0; i < SENDERS; i++)
		(void)pthread_join(threads[i], NULL);
}

/* The most memory that it ever had resident. */
static int64_t peak_kib(const struct program *program)
{
	char path[64], line[256];
	int64_t kib = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)program->pid);
	if (!(file = fopen(path, "r")))
		return 0;
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtoll(line + 6, NULL, 10);
	(void)fclose(file);
	return kib;
}

static int compare(const void *left, const void *right)
{
	const int64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static void tell(struct bench *bench, int64_t memory_kib, int64_t lost, bool as_json)
{
	double load = 0;

	(void)getloadavg(&load, 1);
	qsort(bench->took_us, (size_t)bench->count, sizeof(*bench->took_us), compare);
	(void)printf(as_json ? "{\"reports\": %" PRId64 ", \"per_second\": %" PRId64 ", \"not_taken\": %" PRId64
			       ", \"lost\": %" PRId64 ", \"late\": %" PRId64 ", \"p50_ms\": %.1f, \"p99_ms\": %.1f, "
			       "\"longest_ms\": %.1f, \"memory_kib\": %" PRId64 ", \"load\": %.1f}\n"
			     : "%" PRId64 " reports, %" PRId64 " a second, %" PRId64 " not taken, %" PRId64
			       " lost, %" PRId64 " begun late; p50 %.1f ms, p99 %.1f ms, longest %.1f ms; %" PRId64
			       " KiB; load %.1f\n",
		bench->count, bench->per_second, (int64_t)bench->not_taken, lost, (int64_t)bench->late,
		(double)bench->took_us[bench->count / 2] / 1000, (double)bench->took_us[bench->count * 99 / 100] / 1000,
		(double)bench->took_us[bench->count - 1] / 1000, memory_kib, load);
}

int main(int argc, char **argv)
{
	int64_t memory_kib, kept;
	struct bench bench = {0};
	struct postgres postgres;
	bool with_postgres;

	if (argc < 4) {
		(void)fputs("usage: bench_rate sqlite|postgres PER_SECOND SECONDS [--json]\n", stderr);
		return 2;
	}
	with_postgres = strcmp(argv[1], "postgres") == 0;
	bench.per_second = strtoll(argv[2], NULL, 10);
	bench.count = bench.per_second * strtoll(argv[3], NULL, 10);
	bench.took_us = calloc((size_t)bench.count, sizeof(*bench.took_us));
	collector_init(&bench.collector);
	bench.collector.summary_age = "30s";
	if (with_postgres) {
		postgres_init(&postgres);
		collector_use_postgres(&bench.collector, &postgres);
	}
	stay_on_core(0);
	collector_start(&bench.collector);
	stay_on_core(1);
	play(&bench);
	memory_kib = peak_kib(&bench.collector.program);
	collector_stop(&bench.collector);
	kept = collector_count(&bench.collector, "SELECT count(*) FROM report");
	tell(&bench, memory_kib, bench.count - bench.not_taken - kept, argc > 4 && strcmp(argv[4], "--json") == 0);
	if (with_postgres)
		postgres_clear(&postgres);
	collector_clear(&bench.collector);
	free(bench.took_us);
	return bench.not_taken > 0 || kept != bench.count;
}
