#include "collector/ledger/published.h"

#include <fcntl.h>

#include "collector/ledger/ledger_policy.h"
#include "collector/store/logged_row.h"
#include "common/fs.h"
#include "ledger/log/ledger_files.h"
#include "ledger/note/checkpoint.h"
#include "ledger/proof/policy_judge.h"
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

/* The oldest checkpoint that holds the entry and that POLICY accepts; where its witnesses are others than they were, there may be many
 * that it does not, and the search goes on in larger and larger steps. RET_NOTE stays empty where none was kept. */
static int find_oldest(struct database *database, const struct policy *policy, uint64_t index, uint64_t *ret_size,
	struct buf *ret_note, struct error *err)
{
	struct policy_verdict verdict;
	bool found = true;

	for (int64_t skip = 0; found; skip = 2 * skip + 1) {
		buf_empty(ret_note);
		if (cosigned_row_find(database, index, skip, ret_size, ret_note, &found, err) < 0)
			return -1;
		if (found &&
			policy_judge(policy, (struct span){buf_text(ret_note), ret_note->len}, &verdict, NULL) == 0)
			return 0;
	}
	return 0;
}

static int read_served(struct ledger_files *files, uint64_t *ret_size, struct buf *ret_note, struct error *err)
{
	struct checkpoint served;
	struct note note;

	if (fs_read_file(files->fs, files->dir_fd, SERVED, ret_note, err) < 0 ||
		note_parse((struct span){buf_text(ret_note), ret_note->len}, &note, err) < 0 ||
		checkpoint_parse(note.text, &served, err) < 0)
		return -1;
	*ret_size = served.size;
	return 0;
}

int published_prove(const struct config *config, struct database *database, uint64_t index, struct buf *ret_proof,
	bool *ret_found, struct error *err)
{
	AUTO(buf) struct buf note = BUF_INIT(NOTE_MAX_BYTES);
	AUTO(policy) struct policy *policy = NULL;
	struct ledger_files files;
	AUTO(fd) int dir_fd = -1;
	uint64_t size = 0;
	struct fs fs;

	fs_init(&fs);
	if (ledger_policy_read(config, &policy, err) < 0 ||
		(dir_fd = fs_open_dir(&fs, AT_FDCWD, config->ledger_folder, err)) < 0)
		return -1;
	ledger_files_init(&files, &fs, dir_fd);
	if ((policy && find_oldest(database, policy, index, &size, &note, err) < 0) ||
		(note.len == 0 && read_served(&files, &size, &note, err) < 0))
		return -1;
	*ret_found = index < size;
	return *ret_found ? prove(&files, index, &note, size, ret_proof, err) : 0;
}
