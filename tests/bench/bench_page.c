/* How long the answers for people and programs take in a large fleet, over real HTTPS: each view of the page and each address of
 * the interface, one after the other, on one connection.
 *
 *   bench_page STORE TERMINALS NIGHTS [--json]      STORE is seeded where there is none, with the reports of so many nights, and
 *                                               left there */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/auto.h"
#include "common/clock.h"
#include "tests/collector/collector_fixture.h"
#include "tests/collector/fleet_fate.h"
#include "tests/collector/fleet_seed.h"

#define ASKED 40
#define BAR_MS 200

/* '@' stands for the key of another terminal each time, '#' for the beginning of one. */
static const char *const addresses[] = {
	"/",
	"/releases",
	"/release?package=face-library&version=5.1.0",
	"/release?package=face-library&version=5.1.0&state=rolled-back",
	"/campaigns",
	"/campaigns/150",
	"/campaigns/150?state=failed",
	"/terminals",
	"/terminals?q=1311",
	"/terminals?q=#",
	"/terminals?verdict=needs-attention",
	"/terminals?silent=yes&cause=rolled-back&ring=pilot",
	"/terminals?verdict=restart&ring=nobody",
	"/terminals?package=face-library&version=5.0.2",
	"/terminals?package=face-library&version=5.0.2&silent=yes&cause=clock",
	"/terminals?package=face-library&version=5.1.0&verdict=replaced",
	"/terminals?package=face-library&version=5.1.0&verdict=needs-attention",
	"/terminals?package=face-library&version=5.1.0&ring=nobody",
	"/terminals?ring=pilot",
	"/terminals/@",
	"/ledger",
	"/page/style.css",
	"/api/v1/fleet",
	"/api/v1/nights?limit=90",
	"/api/v1/releases",
	"/api/v1/release?package=face-library&version=5.1.0",
	"/api/v1/deliveries?package=face-library&version=5.1.0&limit=1000",
	"/api/v1/deliveries?package=face-library&version=5.1.0&state=confirmed",
	"/api/v1/deliveries?campaign=150&left=yes",
	"/api/v1/campaigns",
	"/api/v1/terminals",
	"/api/v1/terminals?silent=yes&limit=1000",
	"/api/v1/terminals?twin=yes",
	"/api/v1/terminals?twin=yes&verdict=replaced",
	"/api/v1/terminals?package=face-library&version=5.1.0&state=rolled-back",
	"/api/v1/terminals?institution=1312345678",
	"/api/v1/terminals?format=csv&limit=4000",
	"/api/v1/deliveries?package=face-library&version=5.1.0&format=csv&limit=4000",
	"/api/v1/terminals/@",
	"/api/v1/certificates",
	"/api/v1/certificates?limit=1000",
	"/api/v1/certificates?name=nobody",
	"/api/v1/certificates?institution=0000000000",
	"/metrics",
};

static int64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void fill_in(const char *address, int64_t number, char *ret_path, size_t size)
{
	size_t len = strcspn(address, "@#");
	char key[65];

	fate_key(number, key);
	(void)snprintf(ret_path, size, "%.*s%.*s", (int)len, address,
		address[len] == '@' ? 64
		: address[len]	    ? 12
				    : 0,
		key);
}

static int compare(const void *left, const void *right)
{
	const int64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* What the collector has used of the processor so far: what others do on this machine does not count. */
static double cpu_ms(const struct program *program)
{
	unsigned long user = 0, system = 0;
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)program->pid);
	if ((file = fopen(path, "r"))) {
		if (fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
			user = system = 0;
		(void)fclose(file);
	}
	return (double)(user + system) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

/* Asks for ADDRESS, and tells; true where the bar is held. */
static bool ask_often(const struct program *program, struct ask *ask, const char *address, int64_t terminals,
	bool as_json, bool is_first)
{
	double before_ms = cpu_ms(program);
	struct ask_answer answer = {0};
	int64_t took_us[ASKED];
	char path[512];
	bool is_held;

	for (int i = 0; i < ASKED; i++) {
		int64_t from_us = now_us();

		fill_in(address, i * 7919 % terminals, path, sizeof(path));
		if (ask_for(ask, path, NULL, 0, &answer) != 200) {
			(void)fprintf(stderr, "%s: %ld %s\n", path, answer.status, buf_text(&answer.body));
			exit(1);
		}
		took_us[i] = now_us() - from_us;
	}
	qsort(took_us, ASKED, sizeof(*took_us), compare);
	is_held = took_us[ASKED * 95 / 100] < BAR_MS * 1000;
	(void)printf(as_json ? "%s{\"address\": \"%s\", \"p50_ms\": %.1f, \"p95_ms\": %.1f, \"cpu_ms\": %.1f, "
			       "\"bytes\": %zu}"
			     : "%s%-75s p50 %7.1f ms  p95 %7.1f ms  processor %6.1f ms  %7zu bytes\n",
		as_json && !is_first ? ",\n" : "", address, (double)took_us[ASKED / 2] / 1000,
		(double)took_us[ASKED * 95 / 100] / 1000, (cpu_ms(program) - before_ms) / ASKED, answer.body.len);
	(void)fflush(stdout);
	ask_answer_clear(&answer);
	return is_held;
}

/* Its first count of the fleet takes as long as it takes; until then it shows what was counted before FROM_S. */
static void wait_for_figures(struct ask *ask, int64_t from_s)
{
	struct ask_answer answer = {0};
	char from[CLOCK_TEXT_SIZE];
	const char *as_of = NULL;

	(void)clock_text(from_s, from);
	while (!as_of || strncmp(as_of + strlen("\"as_of\":\""), from, strlen(from)) < 0) {
		(void)ask_for(ask, "/api/v1/fleet", NULL, 0, &answer);
		as_of = strstr(buf_text(&answer.body), "\"as_of\":\"");
	}
	ask_answer_clear(&answer);
}

static void seed_unless_there(const char *store, int64_t terminals, int64_t nights)
{
	struct fleet_seed seed = {.store = store, .terminals = terminals, .nights = 90, .report_nights = nights};
	struct stat found;
	struct clock clock;

	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	seed.now_s = clock.now_s(&clock);
	if (stat(store, &found) < 0)
		fleet_seed(&seed);
}

int main(int argc, char **argv)
{
	bool as_json = argc > 4 && strcmp(argv[4], "--json") == 0, is_held = true;
	struct collector collector;
	int64_t terminals;
	struct ask *ask;

	if (argc < 4) {
		(void)fputs("usage: bench_page STORE TERMINALS NIGHTS [--json]\n", stderr);
		return 2;
	}
	terminals = strtoll(argv[2], NULL, 10);
	seed_unless_there(argv[1], terminals, strtoll(argv[3], NULL, 10));
	collector_init(&collector);
	collector.summary_age = "1h";
	(void)snprintf(collector.store, sizeof(collector.store), "%s", argv[1]);
	collector_start(&collector);
	ask = collector_client(&collector, &collector.operator);
	wait_for_figures(ask, collector_now_s());
	(void)fputs(as_json ? "[" : "", stdout);
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		is_held &= ask_often(&collector.program, ask, addresses[i], terminals, as_json, i == 0);
	(void)fputs(as_json ? "]\n" : "", stdout);
	ask_free(ask);
	collector_stop(&collector);
	collector_clear(&collector);
	return is_held ? 0 : 1;
}
