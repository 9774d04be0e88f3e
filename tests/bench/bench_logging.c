/* Measures logging as the collector does it: from the reports that wait in its store to the place of each that is noted there,
 * with all that is signed, durable and served between, and the proof of one report of each batch. SQLite.
 *
 *   bench_logging [--tree ENTRIES] [--json]     onto a ledger that has so many already; below TMPDIR; tests/bench/ledger
 *                                               runs it */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/fs.h"
#include "tests/collector/grown_ledger.h"
#include "tests/support/memory.h"

#define SECONDS 10
#define BATCH 2500

static void need(int result, const struct error *err)
{
	if (result == 0)
		return;
	(void)fprintf(stderr, "bench_logging: %s\n", err->text);
	exit(1);
}

static double seconds(clockid_t clock)
{
	struct timespec time;

	(void)clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct figures {
	double took, cpu;
	uint64_t entries, batches;
	struct memory memory;
};

static void measure(struct grown_ledger *ledger, struct figures *figures)
{
	const struct quill_desk desk = grown_ledger_desk(ledger);
	AUTO(quill) struct quill *quill = NULL;
	double begin, cpu_begin;
	struct error err;
	size_t count;

	need(quill_open(&desk, &quill, &err), &err);
	for (; figures->took < SECONDS; figures->batches++) {
		need(grown_ledger_leave(ledger, BATCH, &err), &err);
		begin = seconds(CLOCK_MONOTONIC);
		cpu_begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
		need(quill_log_batch(quill, &count, &err), &err);
		figures->took += seconds(CLOCK_MONOTONIC) - begin;
		figures->cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin;
		figures->entries += count;
		need(grown_ledger_prove(ledger, quill, &err), &err);
		memory_look(&figures->memory);
	}
}

static void print(const struct figures *figures, uint64_t tree, int json)
{
	(void)printf(
		json ? "{\"tree\": %llu, \"logged_per_s\": %.0f, \"logged_checkpoints_per_s\": %.2f, "
		       "\"logged_cpu_share\": %.2f, \"logging_memory_kib\": %ld, \"logging_own_memory_kib\": %ld}\n"
		     : "onto a ledger of %llu entries, logged from the collector's store, and noted there: %.0f "
		       "entries/s in "
		       "%.2f checkpoints/s; %.2f of one core\n"
		       "memory of that process at its most: %ld KiB, of them its own %ld KiB, the rest libraries and "
		       "files\n",
		(unsigned long long)tree, (double)figures->entries / figures->took,
		(double)figures->batches / figures->took, figures->cpu / figures->took, figures->memory.most_kib,
		figures->memory.own_kib);
}

/* The number behind --tree; 0 where there is none. */
static uint64_t tree_of(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], "--tree") == 0)
			return strtoull(argv[i + 1], NULL, 10);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t tree = tree_of(argc, argv);
	const char *base = getenv("TMPDIR");
	struct figures figures = {0};
	struct grown_ledger ledger;
	char folder[256];
	struct error err;

	(void)snprintf(
		folder, sizeof(folder), "%.200s/haishin-bench-logging-%d", base ? base : "/var/tmp", (int)getpid());
	need(grown_ledger_init(&ledger, folder, tree, &err), &err);
	measure(&ledger, &figures);
	print(&figures, tree, strcmp(argv[argc - 1], "--json") == 0);
	need(fs_remove_tree(&ledger.fs, AT_FDCWD, folder, &err), &err);
	grown_ledger_clear(&ledger);
	return 0;
}
