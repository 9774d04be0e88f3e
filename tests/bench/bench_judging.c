/* How long a look of the collector at a rollout takes in a large fleet: stage after stage of a share of the fleet, one night each. In each
 * night what a look takes when all that report tell that they are well, when those of the next stage have taken the candidate, and when
 * nothing is new: milliseconds, and those that a processor worked for this process (with PostgreSQL its server works beside it).
 *
 *   bench_judging sqlite|postgres TERMINALS [--json] */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/rollout/rollout_row.h"
#include "collector/rollout/rollout_watch.h"
#include "collector/store/night.h"
#include "collector/store/report_row.h"
#include "common/auto.h"
#include "common/clock.h"
#include "tests/collector/fleet_seed.h"
#include "tests/collector/rollout_seed.h"

#define EVENING_S (9 * 3600)
#define OFF 7 /* of 100 terminals, in each night others */

struct bench {
	struct collector collector;
	struct postgres postgres;
	struct config config;
	struct log log;
	struct clock clock;
	struct database *database;
	struct rollout_watch watch;
	int64_t release, night;
	bool as_json, is_first;
};

static void need(int result, const struct error *err)
{
	if (result == 0)
		return;
	(void)fprintf(stderr, "bench_judging: %s\n", err->text);
	exit(EXIT_FAILURE);
}

static void run(struct bench *bench, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void run(struct bench *bench, const char *fmt, ...)
{
	struct error err = {0};
	char sql[1024];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(sql, sizeof(sql), fmt, args);
	va_end(args);
	need(database_run(bench->database, sql, &err), &err);
}

/* ---- What there is ---- */

static void set_up(struct bench *bench, bool on_postgres, int64_t terminals, int64_t now_s)
{
	const char *at = bench->collector.folder.path;
	struct error err = {0};

	collector_init(&bench->collector);
	if (on_postgres) {
		postgres_init(&bench->postgres);
		collector_use_postgres(&bench->collector, &bench->postgres);
	}
	fleet_seed(&(struct fleet_seed){.store = bench->collector.store, .terminals = terminals, .nights = 1, .now_s = now_s});
	rollout_seed_publish(&bench->collector, now_s);
	(void)snprintf(bench->config.metadata_repository, CONFIG_TEXT_SIZE, "%s/repository", at);
	(void)snprintf(bench->config.brake_key, CONFIG_TEXT_SIZE, "%s/brake.key", at);
	(void)snprintf(bench->config.brake_file, CONFIG_TEXT_SIZE, "%s/repository/metadata/brake.json", at);
	bench->config.brake_every_s = 4 * 3600;
	log_init(&bench->log, "bench_judging");
	bench->log.level = LOG_LEVEL_WARNING;
	clock_init(&bench->clock, "/proc/sys/kernel/random/boot_id");
	bench->watch = (struct rollout_watch){.config = &bench->config, .clock = &bench->clock, .log = &bench->log};
	need(database_open(bench->collector.store, &bench->database, &err), &err);
	bench->night = night_of(now_s);
}

static void tear_down(struct bench *bench)
{
	database_close(bench->database);
	collector_clear(&bench->collector);
	if (*bench->postgres.url)
		postgres_clear(&bench->postgres);
}

/* ---- Looks ---- */

static int64_t evening_s(const struct bench *bench)
{
	return night_begin_s(bench->night) + EVENING_S;
}

struct took {
	int64_t ms, cpu_ms;
};

static int64_t worked_ms(void)
{
	struct timespec time = {0};

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* A look, whatever the pause is that the one before asked for. */
static struct took look(struct bench *bench)
{
	int64_t began_ms = bench->clock.monotonic_ms(&bench->clock), worked_before_ms = worked_ms();

	bench->watch.judges_at_ms = 0;
	rollout_watch_look(&bench->watch, bench->database, true, evening_s(bench));
	if (bench->watch.is_in_trouble)
		exit(EXIT_FAILURE);
	return (struct took){
		.ms = bench->clock.monotonic_ms(&bench->clock) - began_ms,
		.cpu_ms = worked_ms() - worked_before_ms,
	};
}

static void find_release(struct bench *bench)
{
	struct rollout_row row;
	struct error err = {0};

	(void)look(bench);
	need(rollout_row_find_version(bench->database, ROLLOUT_SEED_PACKAGE, ROLLOUT_SEED_VERSION, &row, &err), &err);
	bench->release = release_id_of(row.package, row.version, row.digest);
	need(database_begin(bench->database, &err), &err);
	need(release_row_add(bench->database, row.package, row.version, row.digest, row.began_s, &err), &err);
	need(database_commit(bench->database, &err), &err);
}

/* The next night: all but some report, and what waited for a restart is through. */
static void come(struct bench *bench)
{
	bench->night++;
	run(bench, "UPDATE delivery SET state = 'confirmed', changed_s = %" PRId64 " WHERE release = %" PRId64
		   " AND state = 'staged'",
		evening_s(bench), bench->release);
	run(bench, "UPDATE terminal SET before_s = received_s, received_s = %" PRId64 " WHERE abs(id) %% 100 <> %" PRId64,
		evening_s(bench), bench->night % 100 < OFF ? bench->night % 100 : OFF);
}

static void take(struct bench *bench, int per_mille)
{
	run(bench, "INSERT INTO delivery (terminal, release, planned_s, state, campaign, changed_s, attempts, error, detail, "
		   "report) SELECT id, %" PRId64 ", %" PRId64 ", 'staged', 0, %" PRId64 ", 1, '', '', 1 FROM terminal WHERE "
		   "abs(id) / 100 %% 1000 < %d AND received_s >= %" PRId64 " ON CONFLICT DO NOTHING",
		bench->release, bench->night, evening_s(bench), per_mille, evening_s(bench));
}

static void tell(struct bench *bench, int per_mille, const struct took took[static 3])
{
	static const char *const when[] = {"well", "taken", "again"}, *const words[] = {"as they are well",
									      "as the next took it",
									      "as nothing is new"};

	(void)printf(bench->as_json ? "%s{\"share\": %.3f" : "%s%6.3f of the fleet:",
		bench->as_json && !bench->is_first ? ",\n" : "", per_mille / 1000.0);
	for (int i = 0; i < 3; i++)
		(void)printf(bench->as_json ? ", \"%s_ms\": %" PRId64 ", \"%s_cpu_ms\": %" PRId64
					    : " %s %" PRId64 " ms (%s%" PRId64 " worked)",
			bench->as_json ? when[i] : words[i], took[i].ms, bench->as_json ? when[i] : "",
			took[i].cpu_ms);
	(void)fputs(bench->as_json ? "}" : "\n", stdout);
	bench->is_first = false;
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	static const int per_mille[] = {1, 10, 100, 500, 1000, 1000};
	struct bench *bench = calloc(1, sizeof(*bench));
	int64_t terminals = argc > 2 ? strtoll(argv[2], NULL, 10) : 0;
	struct took took[3];

	if (!bench || terminals <= 0) {
		(void)fprintf(stderr, "Usage: bench_judging sqlite|postgres TERMINALS [--json]\n");
		return 2;
	}
	bench->as_json = argc > 3 && strcmp(argv[3], "--json") == 0;
	bench->is_first = true;
	set_up(bench, strcmp(argv[1], "postgres") == 0, terminals, collector_now_s());
	find_release(bench);
	(void)fputs(bench->as_json ? "[" : "", stdout);
	for (size_t i = 0; i < ARRAY_SIZE(per_mille); i++) {
		come(bench);
		took[0] = look(bench);
		take(bench, per_mille[i]);
		took[1] = look(bench);
		took[2] = look(bench);
		tell(bench, per_mille[i], took);
	}
	(void)fputs(bench->as_json ? "]\n" : "", stdout);
	tear_down(bench);
	free(bench);
	return 0;
}
