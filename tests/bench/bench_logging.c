/* Measures logging as the collector does it: from the reports that wait in its store to the place of each that is noted there,
 * with all that is signed, durable and served between. SQLite.
 *
 *   bench_logging [--json]     below TMPDIR; tests/bench/ledger runs it */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "collector/ledger/quill.h"
#include "collector/ledger/scribe.h"
#include "collector/store/logged_row.h"
#include "collector/store/schema.h"
#include "common/fs.h"
#include "manifests/keys/signer.h"

#define ORIGIN "ledger.example.jp/1"
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

/* What stands in CONFIG lies below FOLDER, the key with it. */
static void settle(const char *folder, struct fs *fs, struct config *config)
{
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, NULL);
	AUTO(buf) struct buf pem = BUF_INIT(4096), key = BUF_INIT(1024);
	struct error err;

	(void)snprintf(config->ledger_folder, sizeof(config->ledger_folder), "%.300s/ledger", folder);
	(void)snprintf(config->ledger_origin, sizeof(config->ledger_origin), "%s", ORIGIN);
	(void)snprintf(config->ledger_key, sizeof(config->ledger_key), "%.300s/key.pem", folder);
	(void)snprintf(config->store, sizeof(config->store), "%.300s/store.db", folder);
	need(fs_make_dirs(fs, AT_FDCWD, folder, 0700, &err), &err);
	need(signer_write(signer, NULL, &pem, &err), &err);
	need(fs_write_file(fs, AT_FDCWD, config->ledger_key, pem.data, pem.len, 0600, &err), &err);
	need(scribe_begin_ledger(config, &key, &err), &err);
}

/* A batch of reports was taken. */
static void leave_unlogged(struct database *database, uint64_t from)
{
	char terminal[SHA256_HEX_SIZE], head[SHA256_HEX_SIZE];
	struct error err;

	need(database_begin(database, &err), &err);
	for (uint64_t i = from; i < from + BATCH; i++) {
		struct unlogged_row row = {.number = (int64_t)i + 1, .rows = (int64_t)i};
		struct sha256 digest;

		sha256_of(&i, sizeof(i), &row.digest);
		sha256_of(&row.digest, sizeof(row.digest), &digest);
		row.terminal = sha256_hex(&digest, terminal);
		row.head = sha256_hex(&digest, head);
		need(unlogged_row_add(database, &row, 1800000000, &err), &err);
	}
	need(database_commit(database, &err), &err);
}

static void measure(const struct quill_desk *desk, int json)
{
	AUTO(quill) struct quill *quill = NULL;
	double took = 0, cpu = 0, begin, cpu_begin;
	uint64_t entries = 0, batches = 0;
	struct rusage usage;
	struct error err;
	size_t count;

	need(quill_open(desk, &quill, &err), &err);
	for (; took < SECONDS; batches++) {
		leave_unlogged(desk->database, entries);
		begin = seconds(CLOCK_MONOTONIC);
		cpu_begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
		need(quill_log_batch(quill, &count, &err), &err);
		took += seconds(CLOCK_MONOTONIC) - begin;
		cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_begin;
		entries += count;
	}
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf(
		json ? "{\"logged_per_s\": %.0f, \"logged_checkpoints_per_s\": %.2f, \"logged_cpu_share\": %.2f, "
		       "\"logging_memory_kib\": %ld}\n"
		     : "logged from the collector's store, and noted there: %.0f entries/s in %.2f checkpoints/s; "
		       "%.2f of one "
		       "core\nmemory of that process at its most: %ld KiB\n",
		(double)entries / took, (double)batches / took, cpu / took, usage.ru_maxrss);
}

int main(int argc, char **argv)
{
	AUTO(config) struct config config = {0};
	AUTO(database) struct database *database = NULL;
	const char *base = getenv("TMPDIR");
	char folder[256];
	struct clock clock;
	struct error err;
	struct fs fs;

	(void)snprintf(
		folder, sizeof(folder), "%.200s/haishin-bench-logging-%d", base ? base : "/var/tmp", (int)getpid());
	fs_init(&fs);
	clock_init(&clock, "/proc/sys/kernel/random/boot_id");
	settle(folder, &fs, &config);
	need(database_open(config.store, &database, &err), &err);
	need(schema_update(database, &err), &err);
	measure(&(struct quill_desk){.config = &config, .clock = &clock, .database = database},
		argc > 1 && strcmp(argv[1], "--json") == 0);
	need(fs_remove_tree(&fs, AT_FDCWD, folder, &err), &err);
	return 0;
}
