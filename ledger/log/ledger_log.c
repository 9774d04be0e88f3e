#include "ledger/log/ledger_log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "ledger/log/ledger_files.h"
#include "ledger/tree/tile_edge.h"
#include "ledger/tree/tile_reader.h"

#define SERVED "checkpoint"
#define NEWEST "checkpoint.newest"
#define LOCK ".lock"
#define CHECKPOINT_MAX_BYTES 1024 /* signed by one key */

struct ledger_log {
	const struct ledger_place *place;
	int dir_fd;
	int lock_fd;
	struct vkey key;
	struct ledger_files files;
	struct tile_edge edge;
	struct tile_reader *reader;
	struct checkpoint newest;
	struct buf note;	/* the newest, signed */
	uint64_t served;	/* size of the checkpoint that is served */
	struct buf served_note; /* with its cosignatures */
	bool failed;		/* an append did not end: what is on disk is not known */
};

static int write_newest(struct fs *fs, int dir_fd, const struct buf *note, struct error *err)
{
	return fs_write_file(fs, dir_fd, NEWEST, note->data, note->len, 0644, err);
}

/* Nothing of a log is there: neither its checkpoint nor tiles that another one would mix with. */
static int check_unused(const struct ledger_place *place, int dir_fd, struct error *err)
{
	if (fs_exists(place->fs, dir_fd, NEWEST) || fs_exists(place->fs, dir_fd, SERVED) ||
		fs_exists(place->fs, dir_fd, "tile"))
		return error_set(err, ERROR_USAGE, "'%s' holds a ledger already", place->folder);
	return 0;
}

int ledger_log_create(const struct ledger_place *place, struct error *err)
{
	AUTO(buf) struct buf note = BUF_INIT(CHECKPOINT_MAX_BYTES);
	struct checkpoint first = {.size = 0};
	AUTO(fd) int dir_fd = -1, lock_fd = -1;
	struct vkey key;

	if (vkey_of_signer(place->signer, place->origin, VKEY_NOTE, &key, err) < 0 ||
		fs_make_dirs(place->fs, AT_FDCWD, place->folder, 0755, err) < 0 ||
		(dir_fd = fs_open_dir(place->fs, AT_FDCWD, place->folder, err)) < 0 ||
		(lock_fd = fs_lock(place->fs, dir_fd, LOCK, false, err)) < 0 || check_unused(place, dir_fd, err) < 0)
		return -1;
	memcpy(first.origin, key.name, sizeof(first.origin));
	merkle_empty(&first.root);
	if (checkpoint_sign(&first, &key, place->signer, &note, err) < 0 ||
		fs_sync_tree(place->fs, dir_fd, ".", err) < 0)
		return -1;
	return write_newest(place->fs, dir_fd, &note, err);
}

static int take_lock(struct ledger_log *log, struct error *err)
{
	const struct ledger_place *place = log->place;

	if ((log->dir_fd = fs_open_dir(place->fs, AT_FDCWD, place->folder, err)) < 0)
		return error_context(err, "ledger");
	if ((log->lock_fd = fs_lock(place->fs, log->dir_fd, LOCK, false, err)) >= 0)
		return 0;
	if (err && err->code == ERROR_BUSY)
		return error_set(err, ERROR_BUSY,
			"another process appends to the ledger in '%s': only one may at a time, or it would "
			"contradict "
			"itself; stop one of them",
			place->folder);
	return -1;
}

/* Reads a checkpoint that we have signed ourselves; cosignatures behind it are passed over. */
static int read_own(struct ledger_log *log, const char *name, struct buf *ret_note, struct checkpoint *ret_checkpoint,
	struct error *err)
{
	struct error why;
	struct note note;

	if (fs_read_file(log->place->fs, log->dir_fd, name, ret_note, err) < 0)
		return -1;
	if (checkpoint_open((struct span){ret_note->data, ret_note->len}, &log->key, ret_checkpoint, &note, &why) ==
		0)
		return 0;
	return error_set(
		err, ERROR_DAMAGED, "'%s/%s': %s; is this the ledger's own key?", log->place->folder, name, why.text);
}

static int read_newest(struct ledger_log *log, struct error *err)
{
	struct error why;

	if (read_own(log, NEWEST, &log->note, &log->newest, &why) == 0)
		return 0;
	if (why.code == ERROR_NOT_FOUND)
		return error_set(err, ERROR_NOT_FOUND,
			"no ledger was begun in '%s'; where one was, put its folder back: a new one would contradict "
			"it",
			log->place->folder);
	return error_set(err, why.code, "%s", why.text);
}

static int read_served(struct ledger_log *log, struct error *err)
{
	struct checkpoint served = {0};

	if (fs_exists(log->place->fs, log->dir_fd, SERVED) &&
		read_own(log, SERVED, &log->served_note, &served, err) < 0)
		return -1;
	if (served.size > log->newest.size)
		return error_set(err, ERROR_DAMAGED,
			"'%s' serves a checkpoint of %" PRIu64 " entries, but the newest it knows of has %" PRIu64
			": it was put back in part",
			log->place->folder, served.size, log->newest.size);
	log->served = served.size;
	return 0;
}

/* The tree on disk is the one that was signed. */
static int load_tree(struct ledger_log *log, struct error *err)
{
	struct sha256 root;

	if (tile_edge_load(&log->edge, &log->files.store, log->newest.size, err) < 0 ||
		tile_edge_root(&log->edge, &root, err) < 0)
		return error_context(err, "ledger in '%s'", log->place->folder);
	if (!sha256_equal(&root, &log->newest.root))
		return error_set(err, ERROR_DAMAGED,
			"the tiles in '%s' are not those of the checkpoint of %" PRIu64 " entries that was signed",
			log->place->folder, log->newest.size);
	return (log->reader = tile_reader_new(&log->files.store, log->newest.size, err)) ? 0 : -1;
}

/* What a process that ended may have left in memory only is made durable before anything is built upon it. */
static int settle(struct ledger_log *log, struct error *err)
{
	if (ledger_files_sync(&log->files, err) < 0)
		return -1;
	return write_newest(log->place->fs, log->dir_fd, &log->note, err);
}

struct ledger_log *ledger_log_open(const struct ledger_place *place, struct error *err)
{
	AUTO(ledger_log) struct ledger_log *log = calloc(1, sizeof(*log));

	if (!log) {
		(void)error_set(err, ERROR_FAILED, "no memory for a ledger");
		return NULL;
	}
	log->place = place;
	log->dir_fd = log->lock_fd = -1;
	log->note = (struct buf)BUF_INIT(CHECKPOINT_MAX_BYTES);
	log->served_note = (struct buf)BUF_INIT(NOTE_MAX_BYTES);
	if (vkey_of_signer(place->signer, place->origin, VKEY_NOTE, &log->key, err) < 0 || take_lock(log, err) < 0)
		return NULL;
	ledger_files_init(&log->files, place->fs, log->dir_fd);
	if (read_newest(log, err) < 0 || read_served(log, err) < 0 || load_tree(log, err) < 0 || settle(log, err) < 0)
		return NULL;
	return take_ptr(&log);
}

static int check_batch(const struct ledger_log *log, const struct span *entries, size_t count, struct error *err)
{
	if (log->failed)
		return error_set(err, ERROR_DAMAGED, "an append to the ledger in '%s' failed; open it anew",
			log->place->folder);
	if (count == 0 || count > LEDGER_LOG_MAX_BATCH)
		return error_set(
			err, ERROR_USAGE, "%zu entries at once; 1 to %d may be", count, LEDGER_LOG_MAX_BATCH);
	for (size_t i = 0; i < count; i++)
		if (entries[i].len > TILE_ENTRY_MAX_BYTES)
			return error_set(err, ERROR_USAGE, "an entry of %zu bytes; %d are the most", entries[i].len,
				TILE_ENTRY_MAX_BYTES);
	return 0;
}

/* What is written here the newest checkpoint does not need: cut off before it is all durable, nothing of the tree that was
 * signed is lost. */
static int write_entries(struct ledger_log *log, const struct span *entries, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (tile_edge_add(&log->edge, entries[i].at, entries[i].len, err) < 0)
			return -1;
	return tile_edge_flush(&log->edge, err) < 0 ? -1 : ledger_files_sync(&log->files, err);
}

/* Nobody else has signed since we did: neither by right (a lease that moved on) nor by another way round the lock. */
static int check_alone(struct ledger_log *log, struct error *err)
{
	AUTO(buf) struct buf now = BUF_INIT(CHECKPOINT_MAX_BYTES);

	if (log->place->may_sign && log->place->may_sign(log->place->context, err) < 0)
		return -1;
	if (fs_read_file(log->place->fs, log->dir_fd, NEWEST, &now, err) < 0)
		return -1;
	if (now.len != log->note.len || memcmp(now.data, log->note.data, now.len) != 0)
		return error_set(err, ERROR_DAMAGED,
			"somebody else has signed for the ledger in '%s'; this process stops", log->place->folder);
	return 0;
}

/* Signs the tree as it is in the store, and keeps that. */
static int sign_newest(struct ledger_log *log, struct error *err)
{
	AUTO(buf) struct buf note = BUF_INIT(CHECKPOINT_MAX_BYTES);
	struct checkpoint next = log->newest;

	next.size = log->edge.size;
	if (tile_edge_root(&log->edge, &next.root, err) < 0 || check_alone(log, err) < 0 ||
		checkpoint_sign(&next, &log->key, log->place->signer, &note, err) < 0 ||
		write_newest(log->place->fs, log->dir_fd, &note, err) < 0)
		return -1;
	buf_clear(&log->note);
	log->note = note;
	note = (struct buf)BUF_INIT(0);
	log->newest = next;
	return 0;
}

int ledger_log_append(
	struct ledger_log *log, const struct span *entries, size_t count, uint64_t *ret_first, struct error *err)
{
	uint64_t first = log->newest.size;

	if (check_batch(log, entries, count, err) < 0)
		return -1;
	if (write_entries(log, entries, count, err) < 0 || sign_newest(log, err) < 0) {
		log->failed = true;
		return error_context(err, "ledger in '%s'", log->place->folder);
	}
	tile_reader_grow(log->reader, log->newest.size);
	*ret_first = first;
	return 0;
}

const struct checkpoint *ledger_log_newest(const struct ledger_log *log)
{
	return &log->newest;
}

struct span ledger_log_newest_note(const struct ledger_log *log)
{
	return (struct span){log->note.data, log->note.len};
}

const struct vkey *ledger_log_key(const struct ledger_log *log)
{
	return &log->key;
}

/* The tiles that were partial in the tree that was served before, and are full in the one that is now. */
static void drop_partial(struct ledger_log *log, uint64_t before)
{
	for (unsigned level = 0; level < TILE_LEVELS; level++) {
		struct tile tile = {.kind = TILE_HASHES, .level = level, .index = before >> (8 * level) >> 8};
		struct tile bundle = {.kind = TILE_BUNDLE, .index = tile.index};

		if (tile_width_at(level, tile.index, before) == 0 ||
			tile_width_at(level, tile.index, log->newest.size) < TILE_WIDTH)
			continue;
		ledger_files_drop_partial(&log->files, &tile);
		if (level == 0)
			ledger_files_drop_partial(&log->files, &bundle);
	}
}

int ledger_log_publish(struct ledger_log *log, struct span cosignatures, struct error *err)
{
	AUTO(buf) struct buf note = BUF_INIT(NOTE_MAX_BYTES);
	uint64_t before = log->served;

	if (buf_append(&note, log->note.data, log->note.len, err) < 0 ||
		(cosignatures.len > 0 && buf_append(&note, cosignatures.at, cosignatures.len, err) < 0) ||
		fs_write_file(log->place->fs, log->dir_fd, SERVED, note.data, note.len, 0644, err) < 0)
		return -1;
	log->served = log->newest.size;
	buf_clear(&log->served_note);
	log->served_note = note;
	note = (struct buf)BUF_INIT(0);
	drop_partial(log, before);
	return 0;
}

uint64_t ledger_log_served(const struct ledger_log *log)
{
	return log->served;
}

struct span ledger_log_served_note(const struct ledger_log *log)
{
	return (struct span){buf_text(&log->served_note), log->served_note.len};
}

static int check_size(const struct ledger_log *log, uint64_t size, struct error *err)
{
	if (size <= log->newest.size)
		return 0;
	return error_set(
		err, ERROR_USAGE, "the ledger has %" PRIu64 " entries, not %" PRIu64, log->newest.size, size);
}

int ledger_log_root(struct ledger_log *log, uint64_t size, struct sha256 *ret_root, struct error *err)
{
	return check_size(log, size, err) < 0 ? -1
					      : merkle_root(tile_reader_source(log->reader), size, ret_root, err);
}

int ledger_log_prove(
	struct ledger_log *log, uint64_t index, uint64_t size, struct merkle_path *ret_path, struct error *err)
{
	if (check_size(log, size, err) < 0)
		return -1;
	return merkle_prove_inclusion(tile_reader_source(log->reader), index, size, ret_path, err);
}

int ledger_log_prove_growth(
	struct ledger_log *log, uint64_t old_size, uint64_t size, struct merkle_path *ret_path, struct error *err)
{
	if (check_size(log, size, err) < 0)
		return -1;
	return merkle_prove_consistency(tile_reader_source(log->reader), old_size, size, ret_path, err);
}

int ledger_log_entry(struct ledger_log *log, uint64_t index, struct buf *ret_entry, struct error *err)
{
	AUTO(buf) struct buf bundle = BUF_INIT(TILE_BUNDLE_MAX_BYTES);
	struct tile tile = {.kind = TILE_BUNDLE, .index = index / TILE_WIDTH};
	const char *entry = NULL;
	size_t at = 0, len = 0;

	if (index >= log->newest.size)
		return error_set(err, ERROR_USAGE, "the ledger has no entry %" PRIu64, index);
	tile.width = tile_width_at(0, tile.index, log->newest.size);
	if (tile_read(&log->files.store, &tile, &bundle, err) < 0)
		return -1;
	for (uint64_t i = 0; i <= index % TILE_WIDTH; i++)
		if (tile_next_entry(&bundle, &at, &entry, &len, err) < 0)
			return -1;
	return buf_append(ret_entry, entry, len, err);
}

void ledger_log_close(struct ledger_log *log)
{
	if (!log)
		return;
	tile_reader_free(log->reader);
	tile_edge_clear(&log->edge);
	buf_clear(&log->note);
	buf_clear(&log->served_note);
	fd_close(&log->lock_fd);
	fd_close(&log->dir_fd);
	free(log);
}
