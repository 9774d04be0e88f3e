/* Measures the ledger: appending, proving in a large tree, checking a receipt, and what all of it takes of memory.
 *
 *   bench_ledger [--json]     below TMPDIR; tests/bench/ledger runs it */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/proof/receipt_proof.h"
#include "common/fs.h"
#include "ledger/log/ledger_files.h"
#include "ledger/log/ledger_log.h"
#include "ledger/note/cosignature.h"
#include "ledger/proof/ledger_entry.h"
#include "ledger/tree/tile_reader.h"
#include "tests/ledger/ledger_fixture.h"
#include "tests/ledger/peer/peer_sparse.h"
#include "tests/support/memory.h"

#define ORIGIN "ledger.example.jp/1"
#define SECONDS 10
#define BATCH 2500
#define LARGE 100000000u
#define ROUNDS 500

struct bench {
	struct fs fs;
	char folder[512];
	struct party log, witnesses[2];
	struct policy *policy;
};

struct figures {
	double entries_per_s, checkpoints_per_s, cpu_share, bytes_per_entry;
	double prove_ms, prove_cpu_ms, check_ms, check_cpu_ms;
	size_t receipt_bytes;
	struct memory memory;
};

static void need(int result, const struct error *err)
{
	if (result == 0)
		return;
	(void)fprintf(stderr, "bench_ledger: %s\n", err->text);
	exit(1);
}

static double seconds(clockid_t clock)
{
	struct timespec time;

	(void)clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- Appending ---- */

static void write_entry(uint64_t number, struct buf *ret_bytes)
{
	struct ledger_entry entry = {.report = (int64_t)(number % 3000) + 1, .rows = (int64_t)(number % 30000)};
	struct error err;

	sha256_of(&number, sizeof(number), &entry.digest);
	sha256_of(&entry.digest, sizeof(entry.digest), &entry.head);
	(void)sha256_hex(&entry.head, entry.terminal);
	need(ledger_entry_write(&entry, ret_bytes, &err), &err);
}

/* One batch: entries made, appended, signed, durable and served. */
static void append_batch(struct ledger_log *log, uint64_t from)
{
	static struct span spans[BATCH];
	AUTO(buf) struct buf bytes = BUF_INIT((size_t)BATCH * LEDGER_ENTRY_MAX_BYTES);
	size_t ends[BATCH], at = 0;
	struct error err;
	uint64_t first;

	for (size_t i = 0; i < BATCH; i++) {
		write_entry(from + i, &bytes);
		ends[i] = bytes.len;
	}
	for (size_t i = 0; i < BATCH; at = ends[i++])
		spans[i] = (struct span){bytes.data + at, ends[i] - at};
	need(ledger_log_append(log, spans, BATCH, &first, &err), &err);
	need(ledger_log_publish(log, SPAN(""), &err), &err);
}

static int add_size(void *context, int dir_fd, const char *name, struct error *err)
{
	uint64_t *bytes = context;
	AUTO(buf) struct buf text = BUF_INIT(TILE_BUNDLE_MAX_BYTES);
	struct fs fs;

	fs_init(&fs);
	if (fs_read_file(&fs, dir_fd, name, &text, NULL) < 0)
		return fs_each(&fs, dir_fd, name, add_size, context, err);
	*bytes += text.len;
	return 0;
}

static void measure_appending(struct bench *bench, struct figures *figures)
{
	const struct ledger_place place = {
		.fs = &bench->fs, .folder = bench->folder, .origin = ORIGIN, .signer = bench->log.signer};
	AUTO(ledger_log) struct ledger_log *log = NULL;
	double begin, cpu, took;
	uint64_t batches = 0, bytes = 0;
	struct error err;

	need(ledger_log_create(&place, &err), &err);
	if (!(log = ledger_log_open(&place, &err)))
		need(-1, &err);
	begin = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (; seconds(CLOCK_MONOTONIC) < begin + SECONDS; batches++)
		append_batch(log, batches * BATCH);
	took = seconds(CLOCK_MONOTONIC) - begin;
	figures->cpu_share = (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / took;
	figures->entries_per_s = (double)(batches * BATCH) / took;
	figures->checkpoints_per_s = (double)batches / took;
	need(fs_each(&bench->fs, AT_FDCWD, bench->folder, add_size, &bytes, &err), &err);
	figures->bytes_per_entry = (double)bytes / (double)(batches * BATCH);
}

/* ---- Proving ---- */

/* The tiles that a proof in a tree of LARGE entries needs are files, as far as they differ; which one is read follows from the
 * path. */
struct large {
	struct ledger_files files;
	struct peer_sparse sparse;
	struct tile_store store;
};

static int read_large(void *context, const char *path, struct buf *ret_bytes, struct error *err)
{
	struct large *large = context;
	const char *partial = strstr(path, ".p/");
	char name[TILE_PATH_SIZE];

	(void)snprintf(name, sizeof(name), "large/%.6s%s", path, partial ? partial + 3 : "");
	for (char *c = name + 6; *c; c++)
		if (*c == '/')
			*c = '-';
	if (large->files.store.read(large->files.store.context, name, ret_bytes, err) == 0)
		return 0;
	if (err->code != ERROR_NOT_FOUND ||
		large->sparse.store.read(large->sparse.store.context, path, ret_bytes, err) < 0)
		return -1;
	return large->files.store.write(large->files.store.context, name, ret_bytes->data, ret_bytes->len, err);
}

static void prove(const struct large *large, uint64_t index, struct merkle_path *ret_path)
{
	struct error err;
	AUTO(tile_reader) struct tile_reader *reader = tile_reader_new(&large->store, LARGE, &err);

	if (!reader)
		need(-1, &err);
	need(merkle_prove_inclusion(tile_reader_source(reader), index, LARGE, ret_path, &err), &err);
}

static void measure_proving(struct bench *bench, struct merkle_path *ret_path, struct figures *figures)
{
	struct large large = {0};
	struct error err;
	AUTO(fd) int fd = fs_open_dir(&bench->fs, AT_FDCWD, bench->folder, &err);
	double begin, cpu;

	ledger_files_init(&large.files, &bench->fs, fd);
	peer_sparse_init(&large.sparse, &large.files.store);
	large.store = (struct tile_store){.read = read_large, .context = &large};
	for (uint64_t i = 0; i < 64; i++)
		prove(&large, i * (LARGE / 64), ret_path); /* makes the files */
	begin = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (uint64_t i = 0; i < ROUNDS; i++)
		prove(&large, (i * 7919 * 104729) % LARGE, ret_path);
	figures->prove_ms = (seconds(CLOCK_MONOTONIC) - begin) * 1000 / ROUNDS;
	figures->prove_cpu_ms = (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1000 / ROUNDS;
	prove(&large, LARGE / 2, ret_path);
}

/* ---- Checking ---- */

static void root_of(
	const struct ledger_entry *entry, const struct merkle_path *path, uint64_t index, struct sha256 *ret_root)
{
	AUTO(buf) struct buf bytes = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	uint64_t node = index, last = LARGE - 1;
	struct error err;

	need(ledger_entry_write(entry, &bytes, &err), &err);
	need(merkle_leaf(bytes.data, bytes.len, ret_root, &err), &err);
	for (size_t i = 0; i < path->count; i++) {
		if (node % 2 == 1 || node == last) {
			merkle_node(&path->hashes[i], ret_root, ret_root);
			for (; node % 2 == 0 && node; node >>= 1)
				last >>= 1;
		} else {
			merkle_node(ret_root, &path->hashes[i], ret_root);
		}
		node >>= 1;
		last >>= 1;
	}
}

static void write_receipt(
	struct bench *bench, const struct ledger_entry *entry, const struct merkle_path *path, struct buf *ret_proof)
{
	struct checkpoint checkpoint = {.origin = ORIGIN, .size = LARGE};
	AUTO(buf) struct buf note = BUF_INIT(NOTE_MAX_BYTES), text = BUF_INIT(1024);
	struct tlog_proof proof = {.index = LARGE / 2, .path = *path};
	struct error err;

	root_of(entry, path, proof.index, &checkpoint.root);
	need(checkpoint_write(&checkpoint, &text, &err), &err);
	need(checkpoint_sign(&checkpoint, &bench->log.key, bench->log.signer, &note, &err), &err);
	for (size_t i = 0; i < ARRAY_SIZE(bench->witnesses); i++)
		need(cosignature_sign((struct span){text.data, text.len}, 1800000000, &bench->witnesses[i].key,
			     bench->witnesses[i].signer, &note, &err),
			&err);
	proof.checkpoint = (struct span){note.data, note.len};
	need(tlog_proof_write(&proof, ret_proof, &err), &err);
}

static void measure_checking(struct bench *bench, const struct merkle_path *path, struct figures *figures)
{
	AUTO(buf) struct buf proof = BUF_INIT(TLOG_PROOF_MAX_BYTES), bytes = BUF_INIT(LEDGER_ENTRY_MAX_BYTES);
	struct ledger_entry entry;
	struct receipt receipt;
	struct error err;
	double begin, cpu;

	write_entry(1, &bytes);
	need(ledger_entry_parse((struct span){bytes.data, bytes.len}, &entry, &err), &err);
	write_receipt(bench, &entry, path, &proof);
	figures->receipt_bytes = proof.len + bytes.len;
	begin = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < ROUNDS; i++)
		need(receipt_proof_check(&entry, buf_text(&proof), bench->policy, &receipt, &err), &err);
	figures->check_ms = (seconds(CLOCK_MONOTONIC) - begin) * 1000 / ROUNDS;
	figures->check_cpu_ms = (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1000 / ROUNDS;
}

/* ---- The whole ---- */

static void make_policy(struct bench *bench)
{
	AUTO(buf) struct buf text = BUF_INIT(POLICY_MAX_BYTES);
	struct error err;

	need(buf_printf(&text, &err, "log "), &err);
	need(vkey_write(&bench->log.key, &text, &err), &err);
	for (int i = 0; i < 2; i++) {
		need(buf_printf(&text, &err, "\nwitness W%d ", i), &err);
		need(vkey_write(&bench->witnesses[i].key, &text, &err), &err);
	}
	need(buf_printf(&text, &err, "\ngroup both all W0 W1\nquorum both\n"), &err);
	if (!(bench->policy = policy_parse((struct span){text.data, text.len}, &err)))
		need(-1, &err);
}

static void bench_init(struct bench *bench)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(bench->folder, sizeof(bench->folder), "%s/haishin-bench-ledger-%d", base ? base : "/var/tmp",
		(int)getpid());
	fs_init(&bench->fs);
	party_init(&bench->log, ORIGIN, VKEY_NOTE);
	party_init(&bench->witnesses[0], "witness.example/w1", VKEY_COSIGNATURE);
	party_init(&bench->witnesses[1], "witness.example/w2", VKEY_COSIGNATURE);
	make_policy(bench);
}

static void bench_clear(struct bench *bench)
{
	struct error err;

	need(fs_remove_tree(&bench->fs, AT_FDCWD, bench->folder, &err), &err);
	policy_free(bench->policy);
	party_clear(&bench->log);
	party_clear(&bench->witnesses[0]);
	party_clear(&bench->witnesses[1]);
}

static void print(const struct figures *figures, int json)
{
	(void)printf(
		json ? "{\"entries_per_s\": %.0f, \"checkpoints_per_s\": %.2f, \"cpu_share\": %.2f, "
		       "\"bytes_per_entry\": %.1f, \"prove_ms\": %.3f, \"prove_cpu_ms\": %.3f, \"check_ms\": %.3f, "
		       "\"check_cpu_ms\": %.3f, \"receipt_bytes\": %zu, \"memory_kib\": %ld, \"own_memory_kib\": "
		       "%ld}\n"
		     : "appended: %.0f entries/s in %.2f checkpoints/s, each durable and served; %.2f of one core\n"
		       "size: %.1f bytes an entry\n"
		       "a proof of 100 million entries, from tiles: %.3f ms (processor: %.3f ms)\n"
		       "checking a receipt with two cosignatures: %.3f ms (processor: %.3f ms)\n"
		       "a receipt: %zu bytes\n"
		       "memory of this process at its most: %ld KiB, of them its own %ld KiB, the rest libraries and "
		       "files\n",
		figures->entries_per_s, figures->checkpoints_per_s, figures->cpu_share, figures->bytes_per_entry,
		figures->prove_ms, figures->prove_cpu_ms, figures->check_ms, figures->check_cpu_ms,
		figures->receipt_bytes, figures->memory.most_kib, figures->memory.own_kib);
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	struct figures figures = {0};
	struct merkle_path path;

	bench_init(&bench);
	measure_appending(&bench, &figures);
	measure_proving(&bench, &path, &figures);
	measure_checking(&bench, &path, &figures);
	memory_look(&figures.memory);
	bench_clear(&bench);
	print(&figures, argc > 1 && strcmp(argv[1], "--json") == 0);
	return 0;
}
