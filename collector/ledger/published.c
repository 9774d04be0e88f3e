#include "collector/ledger/published.h"

#include <fcntl.h>

#include "collector/store/logged_row.h"
#include "common/fs.h"
#include "ledger/log/ledger_files.h"
#include "ledger/note/checkpoint.h"
#include "ledger/proof/tlog_proof.h"
#include "ledger/tree/tile_reader.h"

#define SERVED "checkpoint"

static int prove(struct ledger_files *files, uint64_t index, const struct buf *note, uint64_t size,
	struct buf *ret_proof, struct error *err)
{
	AUTO(tile_reader) struct tile_reader *reader = tile_reader_new(&files->store, size, err);
	struct tlog_proof proof = {.index = index, .checkpoint = {buf_text(note), note->len}};

	if (!reader || merkle_prove_inclusion(tile_reader_source(reader), proof.index, size, &proof.path, err) < 0)
		return -1;
	return tlog_proof_write(&proof, ret_proof, err);
}

int published_prove(const struct config *config, struct database *database, const struct sha256 *digest,
	struct buf *ret_proof, bool *ret_found, struct error *err)
{
	AUTO(buf) struct buf text = BUF_INIT(NOTE_MAX_BYTES);
	struct checkpoint served;
	struct ledger_files files;
	AUTO(fd) int dir_fd = -1;
	struct note note;
	uint64_t index;
	struct fs fs;

	fs_init(&fs);
	if (logged_row_find(database, digest, &index, ret_found, err) < 0)
		return -1;
	if (!*ret_found)
		return 0;
	if ((dir_fd = fs_open_dir(&fs, AT_FDCWD, config->ledger_folder, err)) < 0 ||
		fs_read_file(&fs, dir_fd, SERVED, &text, err) < 0 ||
		note_parse((struct span){buf_text(&text), text.len}, &note, err) < 0 ||
		checkpoint_parse(note.text, &served, err) < 0)
		return -1;
	ledger_files_init(&files, &fs, dir_fd);
	*ret_found = index < served.size;
	return *ret_found ? prove(&files, index, &text, served.size, ret_proof, err) : 0;
}
