/* Our side of the exchange with an independent implementation (README.md).
 *
 *   ledger_peer make FOLDER > LINES    leaves a ledger in FOLDER/ledger, and its key in FOLDER/key
 *   ledger_peer check < LINES */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/log/ledger_files.h"
#include "ledger/log/ledger_log.h"
#include "ledger/note/base64.h"
#include "ledger/note/cosignature.h"
#include "ledger/tree/tile_edge.h"
#include "ledger/tree/tile_reader.h"
#include "tests/ledger/peer/peer_cases.h"
#include "tests/ledger/peer/peer_sparse.h"

#define ORIGIN "ours.example/log"

static int print_note(const char *kind, const struct vkey *key, struct span note, struct error *err)
{
	AUTO(buf) struct buf line = BUF_INIT(4096);

	if (buf_printf(&line, err, "%s ", kind) < 0 || vkey_write(key, &line, err) < 0 ||
		buf_printf(&line, err, strcmp(kind, "cosigned") == 0 ? " 1768896849 " : " ") < 0 ||
		base64_write(note.at, note.len, &line, err) < 0)
		return -1;
	(void)puts(buf_text(&line));
	return 0;
}

static int append(struct ledger_log *log, size_t count, struct error *err)
{
	static char texts[LEDGER_LOG_MAX_BATCH][32];
	static struct span entries[LEDGER_LOG_MAX_BATCH];
	uint64_t first;

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "entry %" PRIu64, ledger_log_newest(log)->size + i);
		entries[i] = (struct span){texts[i], strlen(texts[i])};
	}
	return ledger_log_append(log, entries, count, &first, err);
}

static int grow_to(struct ledger_log *log, uint64_t size, struct error *err)
{
	while (ledger_log_newest(log)->size < size) {
		uint64_t missing = size - ledger_log_newest(log)->size;

		if (append(log, missing < LEDGER_LOG_MAX_BATCH ? missing : LEDGER_LOG_MAX_BATCH, err) < 0)
			return -1;
	}
	return 0;
}

/* Grows by one entry a time, and shows each tree. */
static int show_trees(
	struct ledger_log *log, const struct tile_store *store, uint64_t from, uint64_t to, struct error *err)
{
	for (uint64_t size = from; size <= to; size++) {
		AUTO(tile_reader) struct tile_reader *reader = tile_reader_new(store, size, err);

		if (!reader || grow_to(log, size, err) < 0 ||
			peer_print_tree(tile_reader_source(reader), "entries", size, err) < 0 ||
			print_note("note", ledger_log_key(log), ledger_log_newest_note(log), err) < 0)
			return -1;
	}
	return 0;
}

static int show_cosignature(const struct ledger_log *log, struct error *err)
{
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, err);
	AUTO(buf) struct buf text = BUF_INIT(1024), note = BUF_INIT(4096);
	struct vkey key;

	if (!signer || vkey_of_signer(signer, "ours.example/witness", VKEY_COSIGNATURE, &key, err) < 0 ||
		checkpoint_write(ledger_log_newest(log), &text, err) < 0 ||
		buf_printf(&note, err, "%s\n", buf_text(&text)) < 0 ||
		cosignature_sign((struct span){text.data, text.len}, 1768896849, &key, signer, &note, err) < 0)
		return -1;
	return print_note("cosigned", &key, (struct span){note.data, note.len}, err);
}

static int write_key(struct fs *fs, int dir_fd, const struct ledger_log *log, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(1024);

	if (vkey_write(ledger_log_key(log), &text, err) < 0)
		return -1;
	return fs_write_file(fs, dir_fd, "key", text.data, text.len, 0644, err);
}

static int make_ledger(struct fs *fs, int dir_fd, const char *folder, struct error *err)
{
	AUTO(signer) struct signer *signer = signer_generate(KEY_ED25519, err);
	struct ledger_place place = {.fs = fs, .folder = folder, .origin = ORIGIN, .signer = signer};
	AUTO(ledger_log) struct ledger_log *log = NULL;
	struct ledger_files files;
	AUTO(fd) int ledger_fd = -1;

	if (!signer || ledger_log_create(&place, err) < 0 || !(log = ledger_log_open(&place, err)) ||
		(ledger_fd = fs_open_dir(fs, AT_FDCWD, folder, err)) < 0)
		return -1;
	ledger_files_init(&files, fs, ledger_fd);
	if (show_trees(log, &files.store, 1, 1100, err) < 0 || grow_to(log, 65533, err) < 0 ||
		show_trees(log, &files.store, 65534, 65539, err) < 0 || show_cosignature(log, err) < 0 ||
		ledger_log_publish(log, (struct span){"", 0}, err) < 0)
		return -1;
	return write_key(fs, dir_fd, log, err);
}

static int make_sparse(struct fs *fs, int dir_fd, struct error *err)
{
	AUTO(tile_edge) struct tile_edge edge = {0};
	struct peer_sparse sparse;
	struct ledger_files files;
	char text[32];

	ledger_files_init(&files, fs, dir_fd);
	peer_sparse_init(&sparse, &files.store);
	if (tile_edge_load(&edge, &sparse.store, PEER_SPARSE_BASE, err) < 0)
		return -1;
	for (uint64_t size = PEER_SPARSE_BASE; size <= PEER_SPARSE_BASE + 7; size++) {
		AUTO(tile_reader) struct tile_reader *reader = tile_reader_new(&sparse.store, size, err);

		if (!reader || tile_edge_flush(&edge, err) < 0 ||
			peer_print_tree(tile_reader_source(reader), "sparse", size, err) < 0)
			return -1;
		(void)snprintf(text, sizeof(text), "entry %" PRIu64, size);
		if (tile_edge_add(&edge, text, strlen(text), err) < 0)
			return -1;
	}
	return 0;
}

static int make(const char *folder, struct error *err)
{
	AUTO(buf) struct buf ledger = BUF_INIT(4096);
	AUTO(fd) int dir_fd = -1, sparse_fd = -1;
	struct fs fs;

	fs_init(&fs);
	if (buf_printf(&ledger, err, "%s/ledger", folder) < 0 ||
		(dir_fd = fs_open_dir(&fs, AT_FDCWD, folder, err)) < 0 ||
		make_ledger(&fs, dir_fd, buf_text(&ledger), err) < 0 ||
		fs_make_dirs(&fs, dir_fd, "sparse", 0755, err) < 0 ||
		(sparse_fd = fs_open_dir(&fs, dir_fd, "sparse", err)) < 0)
		return -1;
	return make_sparse(&fs, sparse_fd, err);
}

static int check(struct error *err)
{
	AUTO(free) char *line = NULL;
	size_t size = 0, count = 0;
	ssize_t len;

	for (; (len = getline(&line, &size, stdin)) > 0; count++)
		if (peer_check_line((struct span){line, (size_t)len - (line[len - 1] == '\n')}, err) < 0)
			return error_context(err, "line %zu, '%.60s'", count + 1, line);
	if (count == 0)
		return error_set(err, ERROR_USAGE, "no line to check");
	(void)printf("%zu lines hold\n", count);
	return 0;
}

int main(int argc, char **argv)
{
	struct error err = {0};
	int result;

	if (argc == 3 && strcmp(argv[1], "make") == 0)
		result = make(argv[2], &err);
	else if (argc == 2 && strcmp(argv[1], "check") == 0)
		result = check(&err);
	else
		result = error_set(&err, ERROR_USAGE, "usage: ledger_peer make FOLDER | ledger_peer check");
	if (result < 0)
		(void)fprintf(stderr, "ledger_peer: %s\n", err.text);
	return result < 0;
}
