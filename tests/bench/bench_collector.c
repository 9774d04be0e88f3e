/* How many reports a collector takes: durable before each is answered, over real HTTPS with client certificates. The
 * collector has one core to itself; who sends has the other.
 *
 *   bench_collector COLLECTOR sqlite|postgres kept|fresh REPORTS [--json] */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "common/auto.h"
#include "tests/bench/light_sender.h"
#include "tests/support/ask.h"
#include "tests/support/folder.h"
#include "tests/support/postgres.h"
#include "tests/support/report_maker.h"

/* At once. */
#define SENDERS 256
#define FRESH_SENDERS 64
#define TERMINALS 2000

struct bench {
	struct folder folder;
	struct pki pki;
	struct pki_pair server, client;
	struct postgres postgres;
	struct program collector;
	char base[128];
	int port;
	struct buf *reports;
	int64_t *took_us;
	size_t count, next; /* the next to be sent */
	size_t lost;
	bool is_fresh;
};

static int64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* What is started from now on runs on that core alone. */
static void stay_on_core(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

/* Reports of terminals in turn, one night after the other. */
static void make_reports(struct bench *bench, size_t count)
{
	static struct report_maker makers[TERMINALS];
	int64_t now_s = (int64_t)time(NULL);

	bench->count = count;
	bench->reports = calloc(count, sizeof(*bench->reports));
	bench->took_us = calloc(count, sizeof(*bench->took_us));
	for (size_t i = 0; i < TERMINALS; i++) {
		report_maker_init(&makers[i], now_s);
		report_maker_add_window(&makers[i], now_s - 86400, "contacted");
	}
	for (size_t i = 0; i < count; i++) {
		bench->reports[i].limit = 65536;
		report_maker_make(&makers[i % TERMINALS], &bench->reports[i]);
	}
	for (size_t i = 0; i < TERMINALS; i++)
		report_maker_clear(&makers[i]);
}

static void start_collector(struct bench *bench, const char *program, const char *store)
{
	char conf[600], line[512], text[2048];
	const char *argv[] = {program, "--config", conf, NULL}, *at = bench->folder.path;
	int len;

	folder_put(&bench->folder, "server.pem", bench->server.pem, strlen(bench->server.pem));
	folder_put_secret(&bench->folder, "server.key", bench->server.key_pem);
	folder_put(&bench->folder, "ca.pem", bench->pki.ca_pem, strlen(bench->pki.ca_pem));
	len = snprintf(text, sizeof(text),
		"[collector]\nlisten = 127.0.0.1:0\ntls_certificate = %s/server.pem\ntls_key = %s/server.key\n"
		"client_ca = %s/ca.pem\n[store]\nurl = %s\n[reports]\nper_hour = 10000000\n",
		at, at, at, store);
	folder_put(&bench->folder, "collector.conf", text, (size_t)len);
	(void)snprintf(conf, sizeof(conf), "%s/collector.conf", at);
	stay_on_core(0);
	program_start(&bench->collector, argv, -1);
	stay_on_core(1);
	program_read_line(&bench->collector, line, sizeof(line));
	if (sscanf(line, "listening at https://127.0.0.1:%d", &bench->port) != 1) {
		(void)fprintf(stderr, "bench_collector: %s\n", line);
		exit(1);
	}
	(void)snprintf(bench->base, sizeof(bench->base), "https://127.0.0.1:%d", bench->port);
}

static void *send_reports(void *context)
{
	struct bench *bench = context;
	struct ask *ask = bench->is_fresh ? NULL : ask_new(bench->base, bench->pki.ca_pem, &bench->client);
	struct light_sender *sender =
		bench->is_fresh ? light_sender_new(bench->port, bench->pki.ca_pem, &bench->client) : NULL;
	struct ask_answer answer = {0};
	sigset_t pipe;
	size_t i;

	/* A connection that is ended costs its report, not the measurement. */
	(void)sigemptyset(&pipe);
	(void)sigaddset(&pipe, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe, NULL);
	while ((i = __atomic_fetch_add(&bench->next, 1, __ATOMIC_RELAXED)) < bench->count) {
		const struct buf *report = &bench->reports[i];
		int64_t from_us = now_us();
		long status = sender ? light_sender_send(sender, report->data, report->len)
				     : ask_for(ask, "/reports", buf_text(report), report->len, &answer);

		if (status != 200)
			(void)__atomic_add_fetch(&bench->lost, 1, __ATOMIC_RELAXED);
		bench->took_us[i] = now_us() - from_us;
	}
	ask_answer_clear(&answer);
	light_sender_free(sender);
	ask_free(ask);
	return NULL;
}

static int compare(const void *left, const void *right)
{
	const int64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static int64_t size_of(const struct bench *bench, const char *name)
{
	struct stat found;

	return fstatat(bench->folder.fd, name, &found, 0) < 0 ? 0 : (int64_t)found.st_size;
}

/* Of this program, or of those that it started and that have ended. */
static int64_t cpu_us(int whose)
{
	struct rusage used;

	(void)getrusage(whose, &used);
	return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000000) + used.ru_utime.tv_usec +
	       used.ru_stime.tv_usec;
}

/* Who sends has to be able to send more than is taken, or it is the sender that was measured. */
static void tell(struct bench *bench, int64_t us, int64_t cpu, int64_t sender_cpu, bool as_json)
{
	double per_s = (double)bench->count * 1e6 / (double)us;
	int64_t bytes = size_of(bench, "collector.db");

	qsort(bench->took_us, bench->count, sizeof(*bench->took_us), compare);
	(void)printf(
		as_json ? "{\"reports\": %zu, \"not_taken\": %zu, \"per_second\": %.0f, \"per_cpu_second\": %.0f, "
			  "\"sent_per_cpu_second\": %.0f, \"p50_ms\": %.1f, \"p99_ms\": %.1f, \"bytes_each\": %lld}\n"
			: "%zu reports, %zu not taken, %.0f a second, %.0f a second of its CPU time, %.0f of the sender's, p50 %.1f ms, "
			  "p99 %.1f ms, %lld bytes each\n",
		bench->count, bench->lost, per_s, (double)bench->count * 1e6 / (double)cpu,
		(double)bench->count * 1e6 / (double)sender_cpu,
		(double)bench->took_us[bench->count / 2] / 1000,
		(double)bench->took_us[bench->count * 99 / 100] / 1000, (long long)(bytes / (int64_t)bench->count));
}

static int64_t send_all(struct bench *bench)
{
	int count = bench->is_fresh ? FRESH_SENDERS : SENDERS;
	pthread_t threads[SENDERS];
	int64_t from_us = now_us();

	for (int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, send_reports, bench) != 0)
			abort();
	for (int i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	return now_us() - from_us;
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	char store[600];
	bool postgres;
	int64_t us, cpu, sender_cpu;

	if (argc < 5) {
		(void)fputs("usage: bench_collector COLLECTOR sqlite|postgres kept|fresh REPORTS [--json]\n", stderr);
		return 2;
	}
	postgres = strcmp(argv[2], "postgres") == 0;
	bench.is_fresh = strcmp(argv[3], "fresh") == 0;
	folder_init(&bench.folder);
	pki_init(&bench.pki, "Authority");
	pki_issue_server(&bench.pki, &bench.server, pki_yesterday(), pki_next_year());
	pki_issue_client(&bench.pki, &bench.client, "1312345678", pki_yesterday(), pki_next_year());
	make_reports(&bench, strtoul(argv[4], NULL, 10));
	(void)snprintf(store, sizeof(store), "%s/collector.db", bench.folder.path);
	if (postgres)
		postgres_init(&bench.postgres);
	start_collector(&bench, argv[1], postgres ? bench.postgres.url : store);
	sender_cpu = cpu_us(RUSAGE_SELF);
	us = send_all(&bench);
	sender_cpu = cpu_us(RUSAGE_SELF) - sender_cpu;
	cpu = cpu_us(RUSAGE_CHILDREN);
	(void)program_stop(&bench.collector, SIGTERM, NULL, 0);
	tell(&bench, us, cpu_us(RUSAGE_CHILDREN) - cpu, sender_cpu, argc > 5 && strcmp(argv[5], "--json") == 0);
	if (postgres)
		postgres_clear(&bench.postgres);
	folder_clear(&bench.folder);
	return bench.lost > 0;
}
