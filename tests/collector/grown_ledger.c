#include "tests/collector/grown_ledger.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/ledger/scribe.h"
#include "collector/store/logged_row.h"
#include "collector/store/schema.h"
#include "ledger/log/ledger_files.h"
#include "ledger/note/checkpoint.h"
#include "ledger/proof/tlog_proof.h"
#include "ledger/tree/tile_edge.h"
#include "tests/ledger/peer/peer_sparse.h"

#define ORIGIN "ledger.example.jp/1"

static int put_key(struct grown_ledger *ledger, struct error *err)
{
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, err);
	AUTO(buf) struct buf pem = BUF_INIT(4096);

	if (!signer || signer_write(signer, NULL, &pem, err) < 0)
		return -1;
	return fs_write_file(&ledger->fs, AT_FDCWD, ledger->config.ledger_key, pem.data, pem.len, 0600, err);
}

/* An empty one. */
static int begin(struct grown_ledger *ledger, const char *folder, struct error *err)
{
	AUTO(buf) struct buf key = BUF_INIT(1024);
	struct config *config = &ledger->config;

	(void)snprintf(config->ledger_folder, sizeof(config->ledger_folder), "%.300s/ledger", folder);
	(void)snprintf(config->ledger_origin, sizeof(config->ledger_origin), "%s", ORIGIN);
	(void)snprintf(config->ledger_key, sizeof(config->ledger_key), "%.300s/key.pem", folder);
	(void)snprintf(config->store, sizeof(config->store), "%.300s/store.db", folder);
	if (fs_make_dirs(&ledger->fs, AT_FDCWD, folder, 0700, err) < 0 || put_key(ledger, err) < 0 ||
		scribe_begin_ledger(config, &key, err) < 0 ||
		database_open(config->store, &ledger->database, err) < 0)
		return -1;
	return schema_update(ledger->database, err);
}

static int write_checkpoint(
	struct grown_ledger *ledger, int dir_fd, const struct checkpoint *checkpoint, struct error *err)
{
	static const char *const names[] = {"checkpoint.newest", "checkpoint"};
	AUTO(signer) struct signer *signer = quill_read_key(&ledger->config, err);
	AUTO(buf) struct buf note = BUF_INIT(4096);
	struct vkey key;

	if (!signer || vkey_of_signer(signer, ORIGIN, VKEY_NOTE, &key, err) < 0 ||
		checkpoint_sign(checkpoint, &key, signer, &note, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (fs_write_file(&ledger->fs, dir_fd, names[i], note.data, note.len, 0644, err) < 0)
			return -1;
	return 0;
}

static int grow(struct grown_ledger *ledger, uint64_t size, struct error *err)
{
	AUTO(fd) int dir_fd = fs_open_dir(&ledger->fs, AT_FDCWD, ledger->config.ledger_folder, err);
	struct checkpoint checkpoint = {.origin = ORIGIN, .size = size};
	AUTO(tile_edge) struct tile_edge edge = {0};
	struct sha256 digest = {{0}};
	struct ledger_files files;
	struct peer_sparse sparse;

	if (dir_fd < 0)
		return -1;
	ledger_files_init(&files, &ledger->fs, dir_fd);
	peer_sparse_init(&sparse, &files.store);
	if (tile_edge_load(&edge, &sparse.store, size, err) < 0 || tile_edge_root(&edge, &checkpoint.root, err) < 0)
		return -1;
	edge.flushed = 0;
	if (tile_edge_flush(&edge, err) < 0 || write_checkpoint(ledger, dir_fd, &checkpoint, err) < 0 ||
		database_begin(ledger->database, err) < 0 ||
		logged_row_add(ledger->database, size - 1, &digest, err) < 0)
		return -1;
	return database_commit(ledger->database, err);
}

int grown_ledger_init(struct grown_ledger *ret_ledger, const char *folder, uint64_t size, struct error *err)
{
	*ret_ledger = (struct grown_ledger){0};
	fs_init(&ret_ledger->fs);
	clock_init(&ret_ledger->clock, "/proc/sys/kernel/random/boot_id");
	if (begin(ret_ledger, folder, err) < 0)
		return -1;
	return size > 0 ? grow(ret_ledger, size, err) : 0;
}

void grown_ledger_clear(struct grown_ledger *ledger)
{
	database_close(ledger->database);
	config_clear(&ledger->config);
}

struct quill_desk grown_ledger_desk(struct grown_ledger *ledger)
{
	return (struct quill_desk){.config = &ledger->config, .clock = &ledger->clock, .database = ledger->database};
}

static void make_digest(uint64_t report, struct sha256 *ret_digest)
{
	sha256_of(&report, sizeof(report), ret_digest);
}

static int leave_one(struct grown_ledger *ledger, struct error *err)
{
	struct unlogged_row row = {.number = (int64_t)ledger->reports + 1, .rows = (int64_t)ledger->reports};
	char terminal[SHA256_HEX_SIZE];
	struct sha256 digest;

	make_digest(ledger->reports++, &row.digest);
	sha256_of(&row.digest, sizeof(row.digest), &digest);
	row.terminal = row.head = sha256_hex(&digest, terminal);
	return unlogged_row_add(ledger->database, &row, 1800000000, err);
}

int grown_ledger_leave(struct grown_ledger *ledger, uint64_t count, struct error *err)
{
	if (database_begin(ledger->database, err) < 0)
		return -1;
	for (uint64_t i = 0; i < count; i++)
		if (leave_one(ledger, err) < 0)
			return -1;
	return database_commit(ledger->database, err);
}

int grown_ledger_prove(struct grown_ledger *ledger, struct quill *quill, struct error *err)
{
	AUTO(buf) struct buf proof = BUF_INIT(TLOG_PROOF_MAX_BYTES), growth = BUF_INIT(TLOG_PROOF_MAX_BYTES);
	struct sha256 digest;
	bool found;

	make_digest(ledger->reports - 1, &digest);
	if (quill_prove(quill, &digest, 0, &proof, &growth, &found, err) < 0)
		return -1;
	return found ? 0
		     : error_set(err, ERROR_NOT_FOUND, "report %llu is not logged",
			       (unsigned long long)ledger->reports);
}
